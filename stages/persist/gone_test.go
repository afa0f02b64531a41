package persist

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/progress"
)

// alter changes the database of a keyedSinks.
func (f *fixture) alter(sql string) {
	f.t.Helper()
	if f.server != nil {
		f.server.Exec(f.cfg.Sink, sql)
		return
	}
	queryAll(f.t, f.path("out.db"), sql)
}

// progressOf returns the sources into the table that there is progress of.
func (f *fixture) progressOf(o *Output) (names []string) {
	f.t.Helper()
	for _, p := range f.progress(o) {
		names = append(names, p.Name)
	}
	return names
}

// warned collects warnings.
func (f *fixture) warned() *[]string {
	all := new([]string)
	f.cfg.Warn = func(text string) { *all = append(*all, text) }
	return all
}

// readTwo stores rows of two sources, and nothing of a third.
func (f *fixture) readTwo() {
	f.t.Helper()
	o := f.open()
	g := group(f.encode(o, 0, `{"n":1,"v":"a"}`, `{"n":2,"v":"b"}`))
	g.Progress = []pipeline.Progress{{Source: "s1", Name: "a.ndjson", Frontier: 20, High: 20}, {Source: "s2", Name: "b.ndjson", High: 7}, {Source: "s3", Name: "empty.ndjson"}}
	f.write(o, g)
	f.close(o)
}

func TestATableThatIsGoneWhileItsProgressIsThereIsRefused(t *testing.T) {
	for _, how := range []string{"DROP TABLE events", "ALTER TABLE events RENAME TO elsewhere"} {
		keyedSinks(t, "update", func(f *fixture) {
			f.readTwo()
			f.alter(how)
			for range 2 { // the first refusal leaves no empty table behind
				_, err := Open(t.Context(), f.cfg)
				gone, ok := errors.AsType[*progress.Gone](err)
				if !ok {
					t.Fatalf("got %v, expected a refusal", err)
				}
				for _, part := range []string{`table "events" of `, "a.ndjson (up to byte 20), b.ndjson (up to byte 7): the rows", "--from-start", gone.Forget} {
					if !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "empty.ndjson") {
						t.Errorf("%q is not in: %v", part, err)
					}
				}
			}
			if strings.HasPrefix(how, "ALTER") { // what the message says first
				f.alter("ALTER TABLE elsewhere RENAME TO events")
				f.close(f.open())
				if got := f.pairs(); got != "1a 2b" {
					t.Errorf("rows %s", got)
				}
				return
			}
			_, err := Open(t.Context(), f.cfg)
			gone, _ := errors.AsType[*progress.Gone](err)
			f.alter(gone.Forget) // what it says last
			o := f.open()
			if got := f.progressOf(o); len(got) != 0 {
				t.Errorf("progress of %v is left", got)
			}
			f.close(o)
		})
	}
}

func TestProgressIsForgottenWithTheRowsWhereNothingGoesOnFromIt(t *testing.T) {
	keyedSinks(t, "update", func(f *fixture) {
		f.readTwo()
		warnings := f.warned()
		f.cfg.Forget = true
		o := f.open()
		if got := f.progressOf(o); len(got) != 3 || len(*warnings) != 0 {
			t.Errorf("with its table the progress is of %v, warned: %v", got, *warnings)
		}
		f.close(o)
		f.alter("DROP TABLE events")
		o = f.open()
		if got := f.progressOf(o); len(got) != 0 {
			t.Errorf("progress of %v is left", got)
		}
		f.close(o)
		if len(*warnings) != 1 || !strings.Contains((*warnings)[0], "was not there and is made anew; the progress of a.ndjson") {
			t.Errorf("warned: %v", *warnings)
		}
		f.cfg.Forget = false
		f.close(f.open())
	})
}

func TestAnEmptyTableIsWarnedOf(t *testing.T) {
	keyedSinks(t, "update", func(f *fixture) {
		f.readTwo()
		warnings := f.warned()
		f.close(f.open())
		if len(*warnings) != 0 {
			t.Errorf("with rows: %v", *warnings)
		}
		f.alter("DROP TABLE events")
		f.alter("CREATE TABLE events (n bigint NOT NULL UNIQUE, v text)")
		o := f.open()
		if got := f.progressOf(o); !slices.Equal(got, []string{"a.ndjson", "b.ndjson", "empty.ndjson"}) {
			t.Errorf("progress of %v", got)
		}
		f.close(o)
		if len(*warnings) != 1 || !strings.Contains((*warnings)[0], `table "events" of `) || !strings.Contains((*warnings)[0], "is empty") {
			t.Errorf("warned: %v", *warnings)
		}
	})
}
