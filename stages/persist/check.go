package persist

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/ndjson"
	"sluice/stages/persist/sqlite"
)

// Check does what Open does short of opening: it validates the configuration
// and compares it with the tables and files that are there. It changes nothing.
func Check(_ context.Context, cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	cfg = cfg.withDefaults()
	t, err := parseTarget(cfg.Sink, cfg.Dir)
	if err != nil {
		return err
	}
	if t.path == "" {
		return nil
	}
	if err := checkDirectory(filepath.Dir(t.path)); err != nil {
		return err
	}
	if t.scheme == schemeNDJSON {
		return ndjson.Check(disk.OS, t.path, t.truncate)
	}
	layout, err := cfg.layout()
	if err != nil {
		return err
	}
	dead := deadletter.NewFile(disk.OS, cfg.deadLettersPath(t), cfg.Now)
	return asConfigError(sqlite.Check(cfg.sqliteConfig(t, layout, dead)))
}

// checkDirectory says whether a file can be there.
func checkDirectory(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return &pipeline.ConfigError{Key: "sink", Message: fmt.Sprintf("the directory must exist: %v; make it with mkdir -p", err)}
	}
	if !info.IsDir() {
		return &pipeline.ConfigError{Key: "sink", Message: fmt.Sprintf("%s is not a directory; choose another place", dir)}
	}
	return nil
}
