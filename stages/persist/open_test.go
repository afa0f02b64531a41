package persist

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
)

func TestPlacesSayHowToLook(t *testing.T) {
	for name, c := range map[string]struct {
		cfg        Config
		rows, dead Place // File relative to the folder
	}{
		"sqlite": {Config{Sink: "sqlite://my events.db", Table: "events"},
			Place{"my events.db", "events", `sqlite3 'DIR/my events.db' 'select * from "events" limit 10'`},
			Place{"my events.db", "dead_letters", `sqlite3 'DIR/my events.db' 'select code, count(*), min(message) from "dead_letters" group by code'`}},
		"sqlite, dead letters in a file": {Config{Sink: "sqlite://e.db", DeadLetters: "dead.ndjson"},
			Place{"e.db", "records", `sqlite3 DIR/e.db 'select * from "records" limit 10'`}, Place{"dead.ndjson", "", "head DIR/dead.ndjson"}},
		"ndjson":             {Config{Sink: "ndjson://out.ndjson"}, Place{"out.ndjson", "", "head DIR/out.ndjson"}, Place{"dead_letters.ndjson", "", "head DIR/dead_letters.ndjson"}},
		"ndjson, compressed": {Config{Sink: "o.ndjson.gz"}, Place{"o.ndjson.gz", "", "zcat DIR/o.ndjson.gz | head"}, Place{"dead_letters.ndjson", "", "head DIR/dead_letters.ndjson"}},
		"ndjson, rotated": {Config{Sink: "ndjson://my out.ndjson?rotate_every=1h&compress=zstd"},
			Place{"my out-*.ndjson.zst", "", "zstdcat 'DIR/my out-'*.ndjson.zst | head"}, Place{"dead_letters.ndjson", "", "head DIR/dead_letters.ndjson"}},
		"stdout": {Config{Sink: "stdout://"}, Place{File: "stdout"}, Place{"dead_letters.ndjson", "", "head DIR/dead_letters.ndjson"}},
		"null":   {Config{Sink: "null://"}, Place{}, Place{}},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.Dir = t.TempDir()
			o, err := Open(t.Context(), c.cfg)
			if err != nil {
				t.Fatal(err)
			}
			defer o.Close()
			for _, p := range []struct{ got, want Place }{{o.Rows(), c.rows}, {o.DeadLetters(), c.dead}} {
				want := p.want
				if want.File != "" && want.File != "stdout" {
					want.File = filepath.Join(c.cfg.Dir, want.File)
				}
				want.Show = strings.ReplaceAll(want.Show, "DIR", c.cfg.Dir)
				if p.got != want {
					t.Errorf("got  %+v\nexpected %+v", p.got, want)
				}
			}
		})
	}
}

func TestATableThatDoesNotFitIsAMistakeOfTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	first := Config{Sink: "sqlite://e.db", Dir: dir, Table: "events", Columns: Columns{{Name: "a", Type: "text"}}}
	o, err := Open(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	second := first
	second.Columns = Columns{{Name: "a", Type: "integer", Key: true}, {Name: "b", Type: "text"}}
	_, err = Open(t.Context(), second)
	mistake, ok := errors.AsType[*pipeline.ConfigError](err)
	if !ok || mistake.Key != "table" || !strings.Contains(mistake.Message, `ALTER TABLE "events" ADD COLUMN "b" TEXT;`) {
		t.Errorf("got %v", err)
	}
	if checked := Check(t.Context(), second); checked == nil || checked.Error() != err.Error() {
		t.Errorf("Check says otherwise: %v", checked)
	}
}

func TestCheckOfSinksThatAreAbsent(t *testing.T) {
	dir := t.TempDir()
	for _, sink := range []string{"sqlite://e.db", "ndjson://o.ndjson", "ndjson://o.ndjson?mode=truncate", "stdout://", "null://"} {
		if err := Check(t.Context(), Config{Sink: sink, Dir: dir}); err != nil {
			t.Errorf("%s: %v", sink, err)
		}
		err := Check(t.Context(), Config{Sink: sink, Dir: filepath.Join(dir, "no")})
		if file := sink != "null://"; file != (err != nil) || file && !strings.Contains(err.Error(), "mkdir -p") {
			t.Errorf("%s in no folder: %v", sink, err)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("made: %v", entries)
	}
}

func TestPreviewShowsWhatWouldBeStored(t *testing.T) {
	for name, c := range map[string]struct {
		cfg  Config
		want string
	}{
		"columns": {Config{Sink: "sqlite://e.db", Columns: Columns{{Name: "n", Type: "integer"}, {Name: "at", Type: "timestamp"}}, Rest: "data"},
			`{"n":1,"at":"2024-01-01T00:00:00Z","data":{"x":1.0}}` + "\n" +
				`{"dead_letter":{"stage":"","code":"column_type","pointer":"/n","message":"/n is \"a\"; column n takes an integer","attempts":1,"lane":"high","source":"","position":51,"at":"2026-01-02T00:00:00.000Z","record":"{\"n\":\"a\"}"}}` + "\n"},
		"the record": {Config{Sink: "ndjson://o.ndjson"}, `{"n":1.0,"at":"2024-01-01T01:00:00+01:00","x":1.0}` + "\n" + `{"n":"a"}` + "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c.cfg.Dir = t.TempDir()
			c.cfg.Now = func() time.Time { return time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC) }
			var out bytes.Buffer
			o, err := Preview(c.cfg, &out)
			if err != nil {
				t.Fatal(err)
			}
			b := pipeline.NewBatch(pipeline.LaneHigh, `{"n":1.0,"at":"2024-01-01T01:00:00+01:00","x":1.0}`, `{"n":"a"}`)
			if o.Encoder() != nil {
				if err := o.Encoder().Process(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
			settled, err := o.Sink().Write(t.Context(), group(b))
			if err := errors.Join(err, o.Sink().Flush(t.Context()), o.Close()); err != nil || !settled {
				t.Fatalf("settled %v, %v", settled, err)
			}
			if out.String() != c.want {
				t.Errorf("got\n%s\nexpected\n%s", out.String(), c.want)
			}
			if entries, _ := os.ReadDir(c.cfg.Dir); len(entries) != 0 {
				t.Errorf("made: %v", entries)
			}
		})
	}
}

func TestNullTakesRowsAndRecords(t *testing.T) {
	for _, columns := range []Columns{nil, {{Name: "n", Type: "integer"}}} {
		o, err := Open(t.Context(), Config{Sink: "null://", Columns: columns})
		if err != nil {
			t.Fatal(err)
		}
		b := pipeline.NewBatch(0, `{"n":1}`)
		if o.Encoder() != nil {
			if err := o.Encoder().Process(t.Context(), b); err != nil {
				t.Fatal(err)
			}
		}
		settled, err := o.Sink().Write(t.Context(), group(b))
		if err := errors.Join(err, o.Sink().Flush(t.Context()), o.Close()); err != nil || !settled || b.Payload != nil {
			t.Errorf("settled %v, payload %v, %v", settled, b.Payload, err)
		}
		if all, err := o.Progress(t.Context()); err != nil || all != nil {
			t.Errorf("progress %v, %v", all, err)
		}
	}
}
