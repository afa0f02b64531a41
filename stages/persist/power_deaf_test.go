package persist

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// deafCuts is how often the power may go before what is missing must have shown.
const deafCuts = 400

// A disk that leaves out any one of the syncs breaks a promise, and the test of the
// promises notices: so each of them is needed, and the test can fail.
func TestEachSyncThatIsLeftOutIsNoticed(t *testing.T) {
	sync := func(suffix string) func(string, string) bool {
		return func(operation, name string) bool { return operation == "sync" && strings.HasSuffix(name, suffix) }
	}
	folder := func(operation, _ string) bool { return operation == "syncdir" }
	for name, m := range map[string]struct {
		of   string
		deaf func(operation, name string) bool
	}{
		"of SQLite's log":                           {"file to SQLite, full", sync("-wal")},
		"of SQLite's log before a checkpoint":       {"file to SQLite, normal", sync("-wal")},
		"of the database after a checkpoint":        {"file to SQLite, normal", sync(".db")},
		"of the folder of a database":               {"file to SQLite, full", folder},
		"of a replay's commits":                     {"file to SQLite, full, then a replay", sync("-wal")},
		"of what posts were answered for":           {"posts to SQLite, full", sync("-wal")},
		"of dead letters beside a database":         {"file to SQLite, full, dead letters in a file", sync("dead.ndjson")},
		"of rows":                                   {"file to NDJSON, always synced", sync("out.ndjson")},
		"of rows, once a second":                    {"file to NDJSON", sync("out.ndjson")},
		"of compressed rows":                        {"file to NDJSON, zstd, always synced", sync(".zst")},
		"of rows before their file is finished":     {"file to NDJSON, by size, at the end", sync(".partial")},
		"of dead letters beside rows":               {"file to NDJSON, always synced", sync("dead_letters.ndjson")},
		"of dead letters before a file is finished": {"file to NDJSON, by size, at the end", sync("dead_letters.ndjson")},
		"of the progress":                           {"file to NDJSON, always synced", sync(".progress.json.tmp")},
		"of the folder of one file":                 {"file to NDJSON, always synced", folder},
		"of the folder of files that are rotated":   {"file to NDJSON, by size, always", folder},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newPowerWorld(t, powerCases[m.of])
			seen, err := w.lose(rand.New(rand.NewPCG(*powerSeed, 4)), deafCuts, m.deaf)
			if err == nil {
				t.Fatalf("nothing was noticed in %d cuts", seen.cuts)
			}
			t.Logf("noticed after %d cuts: %.200v", seen.cuts, err)
		})
	}
}
