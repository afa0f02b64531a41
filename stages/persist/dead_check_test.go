package persist

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A place where no dead letter could ever be stored is found before the run.
func TestAFileOfDeadLettersThatCannotBeIsFoundAtTheStart(t *testing.T) {
	for name, c := range map[string]struct{ dead, want string }{
		"a directory":     {".", "expected a file"},
		"no directory":    {"no/such/dead.ndjson", "mkdir -p"},
		"a device":        {os.DevNull, "not a regular file"},
		"somebody else's": {"notes.txt", "has no line end"},
	} {
		for _, sink := range []string{"sqlite://out.db", "ndjson://out.ndjson", "stdout://"} {
			t.Run(name+", "+sink, func(t *testing.T) {
				cfg := Config{Sink: sink, DeadLetters: c.dead, Dir: t.TempDir(), Stdout: new(strings.Builder)}
				notes := filepath.Join(cfg.Dir, "notes.txt")
				if err := os.WriteFile(notes, []byte("to do"), 0o600); err != nil {
					t.Fatal(err)
				}
				_, opened := Open(t.Context(), cfg)
				for _, err := range []error{Check(t.Context(), cfg), opened} {
					if err == nil || !strings.Contains(err.Error(), "dead_letters: ") || !strings.Contains(err.Error(), c.want) {
						t.Errorf("got %v; expected %q in it", err, c.want)
					}
				}
				if left, err := os.ReadDir(cfg.Dir); err != nil || len(left) != 1 {
					t.Errorf("left: %v, %v", left, err)
				}
			})
		}
	}
}

func TestTheDefaultPlaceOfDeadLettersIsCheckedToo(t *testing.T) {
	cfg := Config{Sink: "ndjson://out.ndjson", Dir: t.TempDir()}
	if err := os.Mkdir(filepath.Join(cfg.Dir, DefaultDeadLetters), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Check(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "expected a file") {
		t.Errorf("got %v", err)
	}
	cfg.Sink = "sqlite://out.db" // which has a table for them
	if err := Check(t.Context(), cfg); err != nil {
		t.Error(err)
	}
}
