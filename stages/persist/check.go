package persist

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/ndjson"
	"sluice/stages/persist/postgres"
	"sluice/stages/persist/sqlite"
)

// Check does what Open does short of opening: it validates the configuration
// and compares it with the tables and files that are there. It changes nothing.
func Check(ctx context.Context, cfg Config) error {
	if err := cfg.Validate(); err != nil {
		return err
	}
	cfg = cfg.withDefaults()
	t, err := parseTarget(cfg.Sink, cfg.Dir)
	if err != nil {
		return err
	}
	dead := deadletter.NewFile(disk.OS, cfg.deadLettersPath(t), cfg.Now)
	if t.scheme == schemePostgres {
		return errors.Join(cfg.checkServer(ctx, t, dead), cfg.checkDead(t, dead))
	}
	if t.path == "" {
		return cfg.checkDead(t, dead)
	}
	if err := checkDirectory(filepath.Dir(t.path)); err != nil {
		return errors.Join(err, cfg.checkOwnDead(t, dead))
	}
	return errors.Join(cfg.checkRows(ctx, t, dead), cfg.checkDead(t, dead))
}

// checkRows compares the rows' place with what the configuration needs.
func (c Config) checkRows(ctx context.Context, t target, dead *deadletter.File) error {
	if t.scheme == schemeNDJSON {
		return ndjson.Check(disk.OS, t.path, t.ndjson)
	}
	layout, err := c.layout()
	if err != nil {
		return err
	}
	return asConfigError(sqlite.Check(ctx, c.sqliteConfig(t, layout, dead)))
}

// checkServer compares the tables of a database server.
func (c Config) checkServer(ctx context.Context, t target, dead *deadletter.File) error {
	layout, err := c.layout()
	if err != nil {
		return err
	}
	return asConfigError(postgres.Check(ctx, c.postgresConfig(t, layout, dead)))
}

// checkDead says whether the file of dead letters, where there is to be one,
// can be opened or made.
func (c Config) checkDead(t target, dead *deadletter.File) error {
	if !c.deadInFile(t) {
		return nil
	}
	if err := dead.Check(); err != nil {
		return &pipeline.ConfigError{Key: "dead_letters", Message: fmt.Sprintf("the file of dead letters cannot be used: %v", err)}
	}
	return nil
}

// deadInFile says whether dead letters go to a file.
func (c Config) deadInFile(t target) bool {
	return t.scheme != schemeNull && (!t.tables() || c.DeadLetters != "")
}

// checkOwnDead is checkDead where dead letters do not go beside the rows.
func (c Config) checkOwnDead(t target, dead *deadletter.File) error {
	if c.DeadLetters == "" {
		return nil
	}
	return c.checkDead(t, dead)
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
