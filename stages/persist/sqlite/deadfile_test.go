package sqlite

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
)

// A database may be away for hours, and each group is tried all the time.
func TestAFileOfDeadLettersDoesNotGrowWhileTheDatabaseIsWaitedFor(t *testing.T) {
	cfg := testConfig(t, numberColumn, "", "")
	path := filepath.Join(filepath.Dir(cfg.Path), "dead.ndjson")
	cfg.DeadLetters = deadletter.NewFile(disk.OS, path, cfg.Now)
	d := mustOpen(t, cfg)
	expectLetters := func(want int) {
		t.Helper()
		text, err := os.ReadFile(path)
		if got := bytes.Count(text, []byte("\n")); err != nil || got != want {
			t.Errorf("%d letters, expected %d (%v)", got, want, err)
		}
	}
	for n := range 2 {
		g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":1}`, `{"n":"x"}`)}, Progress: moved(int64(n + 1))}
		for range 3 {
			d.cfg.faults = failing(opCommit, 1, before, sqlite.ResultFull.ToError())
			if _, err := d.Write(t.Context(), g); !pipeline.IsTransient(err) {
				t.Fatal(err)
			}
			expectLetters(n + 1)
		}
		if settled, err := d.Write(t.Context(), g); !settled || err != nil {
			t.Fatalf("settled %v, %v", settled, err)
		}
		expectLetters(n + 1)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
