//go:build unix

package main

import (
	"net/http"
	"os"
	"syscall"
	"testing"
)

// moveAway moves a file or folder and returns what puts it back.
func moveAway(t *testing.T, path string) (back func()) {
	t.Helper()
	move := func(from, to string) {
		if err := os.Rename(from, to); err != nil {
			t.Error(err)
		}
	}
	move(path, path+".away")
	return func() { move(path+".away", path) }
}

// kinds are sinks with files in the folder data, and the file of the rows.
var kinds = []struct {
	name  string
	store func(dir string) *store
	file  string
}{
	{"SQLite", inSQLite, "data/out.db"},
	{"a file", func(dir string) *store { return inFiles(dir, "") }, "data/rows.ndjson"},
	{"files that rotate", func(dir string) *store { return inFiles(dir, "?rotate_size=1MiB") }, "data/rows.ndjson.partial"},
}

func TestFilesThatAreMovedAwayAreWaitedFor(t *testing.T) {
	for _, kind := range kinds {
		for what, path := range map[string]string{"the file": kind.file, "the folder": "data"} {
			t.Run(kind.name+", "+what, func(t *testing.T) {
				inTemp(t, nil)
				if err := os.Mkdir("data", 0o755); err != nil {
					t.Fatal(err)
				}
				d := kind.store("data")
				s := startOn(t, d)
				var back func()
				outlive(t, s, d, outage{
					says:    []string{kind.file, "was moved or removed while sluice wrote to it", "put it back"},
					inflict: func() { back = moveAway(t, path) },
					cure:    func() { back() },
				})
			})
		}
	}
}

func TestAFileThatIsReplacedEndsTheRunAndTheNextGoesOnFromWhatIsThere(t *testing.T) {
	for _, kind := range kinds[:2] {
		t.Run(kind.name, func(t *testing.T) {
			inTemp(t, nil)
			if err := os.Mkdir("data", 0o755); err != nil {
				t.Fatal(err)
			}
			d := kind.store("data")
			s := startOn(t, d)
			_ = moveAway(t, kind.file)
			writeFile(t, kind.file, "")
			if p := s.post("?timeout=30s", faultRecords(firstRecords, firstRecords+1)); p.Code == http.StatusOK {
				t.Errorf("the post is answered %+v", p)
			}
			s.failsSaying(kind.file, "while sluice wrote to it")
			// The sources are read from their start where their progress is gone.
			if kind.name != "SQLite" {
				code, text := s.send("POST", "/v1/start", "")
				if code == http.StatusOK || !contains(string(text), []string{kind.file, "put them back, or remove data/rows.ndjson.progress.json"}) {
					t.Errorf("the start is answered %d %s", code, text)
				}
				for _, name := range []string{kind.file + ".away", "data/rows.ndjson.progress.json", "data/dead_letters.ndjson"} {
					if err := os.Remove(name); err != nil {
						t.Fatal(err)
					}
				}
			}
			s.command("POST", "/v1/start", "")
			s.eventually("all records", func() bool { return s.settled() == firstRecords })
			s.endsWell()
			d.exactlyOnce(t, firstRecords)
		})
	}
}

func TestASignalEndsTheWaitForAFileThatIsGone(t *testing.T) {
	for _, kind := range kinds[:2] {
		t.Run(kind.name, func(t *testing.T) {
			inTemp(t, nil)
			if err := os.Mkdir("data", 0o755); err != nil {
				t.Fatal(err)
			}
			d := kind.store("data")
			s := startOn(t, d)
			if err := os.RemoveAll("data"); err != nil {
				t.Fatal(err)
			}
			s.postBeside("?ack=accepted", faultRecords(firstRecords, firstRecords+1))
			s.waitsSaying(kind.file, "was moved or removed")
			if got := s.end(syscall.SIGTERM); got != exitLeft || !contains(s.stderr(), []string{"the drain did not finish within its budget of 1s; the sink takes no records: ", kind.file, "left unfinished: 1 normal"}) {
				t.Errorf("exit %d\n%s", got, s.stderr())
			}
			if err := os.Mkdir("data", 0o755); err != nil {
				t.Fatal(err)
			}
			startsNow(t, d)
		})
	}
}
