package enrich_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"sluice/pipeline"
	"sluice/stages/enrich"
)

// decode reads a configuration file's enrich section.
func decode(t testing.TB, text string) enrich.Config {
	t.Helper()
	var file struct{ Enrich enrich.Config }
	if err := yaml.UnmarshalWithOptions([]byte(text), &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return file.Enrich
}

// newStage builds the stage of a configuration file; its tables are in dir.
func newStage(t testing.TB, text, dir string) *enrich.Stage {
	t.Helper()
	config := decode(t, text)
	config.Dir = dir
	stage, err := enrich.New(config)
	if err != nil {
		t.Fatalf("%v\nin\n%s", err, text)
	}
	return stage
}

// steps is a configuration file with the given steps.
func steps(items ...string) string {
	return "enrich:\n  steps:\n    - " + strings.Join(items, "\n    - ") + "\n"
}

func writeFile(t testing.TB, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// tables is a folder with the files given as name, text, name, text...
func tables(t testing.TB, files ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i := 0; i < len(files); i += 2 {
		writeFile(t, filepath.Join(dir, files[i]), files[i+1])
	}
	return dir
}

// process runs lines through the stage as one batch.
func process(t testing.TB, stage pipeline.Stage, lines ...string) *pipeline.Batch {
	t.Helper()
	b := pipeline.NewBatch(pipeline.LaneNormal, lines...)
	if err := stage.Process(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	return b
}
