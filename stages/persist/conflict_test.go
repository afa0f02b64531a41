package persist

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

// keyedSinks are those with tables, each with the columns n, the key, and v,
// which is unique too.
func keyedSinks(t *testing.T, conflict Conflict, test func(f *fixture)) {
	for name, set := range map[string]func(f *fixture){
		"sqlite": func(f *fixture) {
			f.cfg.Sink, f.atOnce = "sqlite://out.db", true
			f.cfg.Table = "events"
		},
		"postgres": func(f *fixture) { f.atServer("events") },
	} {
		t.Run(name+" "+string(conflict), func(t *testing.T) {
			f := &fixture{t: t, faults: disktest.New(disk.OS)}
			f.cfg = Config{Dir: t.TempDir(), OnConflict: conflict, Columns: Columns{{Name: "n", Type: "integer", Key: true}, {Name: "v", Type: "text"}}}
			set(f)
			test(f)
		})
	}
}

// pairs returns the rows of a table of keyedSinks.
func (f *fixture) pairs() string {
	f.t.Helper()
	const sql = "SELECT n || coalesce(v, '-') FROM events ORDER BY n"
	if f.server != nil {
		return strings.Join(f.server.Query(f.cfg.Sink, sql), " ")
	}
	var rows []string
	for _, r := range queryAll(f.t, f.path("out.db"), sql) {
		rows = append(rows, fmt.Sprint(r[0]))
	}
	return strings.Join(rows, " ")
}

func TestWhatBecomesOfARowWhoseKeyIsThere(t *testing.T) {
	for _, c := range []struct {
		conflict             Conflict
		live, filtered, dead int
		rows                 string
	}{
		{"update", 6, 0, 0, "1e 2f 3d"},
		{"ignore", 3, 3, 0, "1a 2b 3d"},
		{"dead", 3, 0, 3, "1a 2b 3d"},
	} {
		keyedSinks(t, c.conflict, func(f *fixture) {
			o := f.open()
			// The same key within a batch, across two of a group, and in the table.
			first, second := f.encode(o, 0, `{"n":1,"v":"a"}`, `{"n":2,"v":"b"}`, `{"n":1,"v":"c"}`), f.encode(o, 0, `{"n":3,"v":"d"}`, `{"n":1,"v":"e"}`)
			third := f.encode(o, 0, `{"n":2,"v":"f"}`)
			f.write(o, group(first, second))
			f.write(o, group(third))
			live, dead := first.Live()+second.Live()+third.Live(), first.Dead()+second.Dead()+third.Dead()
			if live != c.live || dead != c.dead || 6-live-dead != c.filtered {
				f.t.Errorf("%d live, %d dead", live, dead)
			}
			letters := f.deadLetters(o)
			f.close(o)
			if got := f.pairs(); got != c.rows {
				f.t.Errorf("rows: %s", got)
			}
			if len(letters) != c.dead {
				f.t.Fatalf("dead letters: %v", letters)
			}
			for _, l := range letters {
				key := strings.TrimPrefix(strings.Split(l["record"].(string), ",")[0], `{"n":`)
				want := `table "events" has a row with the key (n) = (` + key + `) already, and on_conflict is dead`
				if message := l["message"].(string); l["code"] != "constraint" || l["pointer"] != "/n" || !strings.HasPrefix(message, want) {
					f.t.Errorf("got %v", l)
				}
			}
		})
	}
}

// A violation of an index beside the key is the fault of the record, whatever
// becomes of a key that is there.
func TestAnotherUniqueIndexRefusesTheRecordAlone(t *testing.T) {
	for _, conflict := range []Conflict{"update", "ignore", "dead"} {
		keyedSinks(t, conflict, func(f *fixture) {
			o := f.open()
			f.write(o, group(f.encode(o, 0, `{"n":1,"v":"a"}`)))
			f.index(o)
			o = f.open()
			// The first of 5 is refused, so the second one finds no row of its key.
			b := f.encode(o, 0, `{"n":2,"v":"b"}`, `{"n":3,"v":"a"}`, `{"n":4,"v":"b"}`, `{"n":5,"v":"a"}`, `{"n":5,"v":"e"}`)
			f.write(o, group(b))
			if b.Live() != 2 || b.Dead() != 3 {
				f.t.Errorf("%d live, %d dead", b.Live(), b.Dead())
			}
			for _, l := range f.deadLetters(o) {
				if message := l["message"].(string); l["code"] != "constraint" || !strings.HasPrefix(message, `table `) || strings.Contains(message, "on_conflict") {
					f.t.Errorf("got %v", l)
				}
			}
			f.close(o)
			if got := f.pairs(); got != "1a 2b 5e" {
				f.t.Errorf("rows: %s", got)
			}
		})
	}
}

// index makes v unique, and closes o first.
func (f *fixture) index(o *Output) {
	f.t.Helper()
	f.close(o)
	const sql = "CREATE UNIQUE INDEX one_v ON events (v)"
	if f.server != nil {
		f.server.Exec(f.cfg.Sink, sql)
		return
	}
	queryAll(f.t, f.path("out.db"), sql)
}

// The rows of a group that another process has stored already are in the way of the
// same rows: whoever comes second is refused, and says of none that it is dead.
func TestASecondOwnerWritesNoLettersOfTheRowsOfTheFirst(t *testing.T) {
	keyedSinks(t, "dead", func(f *fixture) {
		f.cfg.DeadLetters = "dead.ndjson"
		both := []*Output{f.open(), f.open()}
		for i, o := range both {
			b := f.encode(o, 0, `{"n":1,"v":"a"}`, `{"n":2,"v":"b"}`)
			_, err := o.Sink().Write(f.t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{someProgress}})
			if errors.Is(err, pipeline.ErrFenced) != (i == 1) || i == 0 && err != nil {
				f.t.Errorf("process %d: %v", i, err)
			}
		}
		for _, o := range both {
			f.close(o)
		}
		if got := f.pairs(); got != "1a 2b" {
			f.t.Errorf("rows: %s", got)
		}
		if letters, err := os.ReadFile(f.path("dead.ndjson")); !errors.Is(err, os.ErrNotExist) {
			f.t.Errorf("dead letters: %s %v", letters, err)
		}
	})
}
