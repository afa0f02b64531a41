package persist

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"sluice/pipeline"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

// fixture is one sink in a folder of its own, as the conformance suite sees it.
type fixture struct {
	t      *testing.T
	cfg    Config
	faults *disktest.Faults
	stdout bytes.Buffer
	now    time.Time

	// What the sink promises.
	atOnce   bool // every Write is settled
	keeps    bool // progress is stored
	takeBack bool // a failed Write leaves nothing
}

// conformant are the sinks that pass the suite.
var conformant = map[string]func(f *fixture){
	"sqlite, records": func(f *fixture) {
		f.cfg.Sink, f.atOnce, f.keeps, f.takeBack = "sqlite://out.db", true, true, true
	},
	"sqlite, columns": func(f *fixture) {
		f.cfg.Sink, f.atOnce, f.keeps, f.takeBack = "sqlite://out.db", true, true, true
		f.cfg.Columns, f.cfg.Table = Columns{{Name: "n", Type: "integer"}}, "events"
	},
	"sqlite, dead letters in a file": func(f *fixture) {
		f.cfg.Sink, f.atOnce, f.keeps, f.takeBack = "sqlite://out.db", true, true, true
		f.cfg.DeadLetters = "dead.ndjson"
	},
	"ndjson, records": func(f *fixture) { f.cfg.Sink, f.keeps, f.takeBack = "ndjson://out.ndjson", true, true },
	"ndjson, columns": func(f *fixture) {
		f.cfg.Sink, f.keeps, f.takeBack = "ndjson://out.ndjson", true, true
		f.cfg.Columns = Columns{{Name: "n", Type: "integer"}}
	},
	"stdout": func(f *fixture) { f.cfg.Sink, f.atOnce = "stdout://", true },
}

// eachSink runs a test of the suite on every sink.
func eachSink(t *testing.T, test func(f *fixture)) {
	for name, set := range conformant {
		t.Run(name, func(t *testing.T) {
			f := &fixture{t: t, faults: disktest.New(disk.OS), now: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)}
			f.cfg = Config{Dir: t.TempDir(), Stdout: &f.stdout, Now: func() time.Time { return f.now }}
			set(f)
			test(f)
		})
	}
}

func (f *fixture) open() *Output {
	f.t.Helper()
	o, err := open(f.t.Context(), f.cfg, f.faults)
	if err != nil {
		f.t.Fatal(err)
	}
	return o
}

func (f *fixture) close(o *Output) {
	f.t.Helper()
	if err := o.Close(); err != nil {
		f.t.Fatal(err)
	}
}

// encode runs a batch through the encoder.
func (f *fixture) encode(o *Output, lane pipeline.Lane, lines ...string) *pipeline.Batch {
	f.t.Helper()
	b := pipeline.NewBatch(lane, lines...)
	if err := o.Encoder().Process(f.t.Context(), b); err != nil {
		f.t.Fatal(err)
	}
	return b
}

// write hands a group over and expects what the sink promises of settled.
func (f *fixture) write(o *Output, g *pipeline.Group) {
	f.t.Helper()
	settled, err := o.Sink().Write(f.t.Context(), g)
	if err != nil {
		f.t.Fatal(err)
	}
	if settled != f.atOnce {
		f.t.Errorf("Write settled: got %v, expected %v", settled, f.atOnce)
	}
}

func (f *fixture) flush(o *Output) {
	f.t.Helper()
	if err := o.Sink().Flush(f.t.Context()); err != nil {
		f.t.Fatal(err)
	}
}

func (f *fixture) progress(o *Output) []pipeline.Progress {
	f.t.Helper()
	all, err := o.Progress(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	return all
}

func (f *fixture) path(name string) string { return filepath.Join(f.cfg.Dir, name) }

// rows returns the field n of every row, in the order of the sink.
func (f *fixture) rows() []int64 {
	f.t.Helper()
	var rows []int64
	switch {
	case strings.HasPrefix(f.cfg.Sink, "sqlite"):
		sql := `SELECT data ->> 'n' FROM records ORDER BY id`
		if len(f.cfg.Columns) > 0 {
			sql = `SELECT n FROM events ORDER BY rowid`
		}
		for _, r := range queryAll(f.t, f.path("out.db"), sql) {
			rows = append(rows, r[0].(int64))
		}
	case f.cfg.Sink == "stdout://":
		rows = numbers(f.t, f.stdout.Bytes())
	default:
		text, err := os.ReadFile(f.path("out.ndjson"))
		if err != nil {
			f.t.Fatal(err)
		}
		rows = numbers(f.t, text)
	}
	return rows
}

// numbers returns the field n of each line.
func numbers(t *testing.T, text []byte) (rows []int64) {
	t.Helper()
	if len(text) > 0 && text[len(text)-1] != '\n' {
		t.Errorf("the last line has no end: %q", text)
	}
	for _, line := range objects(t, text) {
		rows = append(rows, int64(line["n"].(float64)))
	}
	return rows
}

func objects(t *testing.T, text []byte) (all []map[string]any) {
	t.Helper()
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		var object map[string]any
		if err := json.Unmarshal(lines.Bytes(), &object); err != nil {
			t.Fatalf("line %q: %v", lines.Text(), err)
		}
		all = append(all, object)
	}
	return all
}

// deadLetters returns the dead letters as lines of a file have them, wherever
// they are.
func (f *fixture) deadLetters(o *Output) []map[string]any {
	f.t.Helper()
	if o.DeadLetters().Table == "" {
		text, err := os.ReadFile(o.DeadLetters().File)
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil {
			f.t.Fatal(err)
		}
		return objects(f.t, text)
	}
	names := []string{"stage", "code", "pointer", "message", "attempts", "lane", "source", "position", "at", "record", "record_encoding"}
	var all []map[string]any
	for _, r := range queryAll(f.t, f.path("out.db"), "SELECT "+strings.Join(names, ", ")+" FROM dead_letters ORDER BY id") {
		letter := map[string]any{}
		for i, v := range r {
			if n, ok := v.(int64); ok {
				v = float64(n)
			}
			if v != nil {
				letter[names[i]] = v
			}
		}
		all = append(all, letter)
	}
	return all
}

// queryAll reads a database that may be open elsewhere.
func queryAll(t *testing.T, path, sql string) (all [][]any) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(s *sqlite.Stmt) error {
		var r []any
		for i := range s.ColumnCount() {
			switch s.ColumnType(i) {
			case sqlite.TypeInteger:
				r = append(r, s.ColumnInt64(i))
			case sqlite.TypeFloat:
				r = append(r, s.ColumnFloat(i))
			case sqlite.TypeText:
				r = append(r, s.ColumnText(i))
			case sqlite.TypeBlob:
				r = append(r, fmt.Sprintf("blob of %d", s.ColumnLen(i)))
			default:
				r = append(r, nil)
			}
		}
		all = append(all, r)
		return nil
	}})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return all
}

func group(batches ...*pipeline.Batch) *pipeline.Group { return &pipeline.Group{Batches: batches} }

func expectRows(f *fixture, want ...int64) {
	f.t.Helper()
	if got := f.rows(); !reflect.DeepEqual(got, want) {
		f.t.Errorf("rows: got %v, expected %v", got, want)
	}
}

func TestRowsStandInTheOrderOfTheGroup(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		var want []int64
		for g := range 3 {
			var batches []*pipeline.Batch
			for b := range 4 {
				var lines []string
				for i := range 7 {
					n := int64(g*100 + b*10 + i)
					lines, want = append(lines, fmt.Sprintf(`{"n":%d}`, n)), append(want, n)
				}
				batches = append(batches, f.encode(o, pipeline.Lane(b), lines...))
			}
			f.write(o, group(batches...))
		}
		f.flush(o)
		f.close(o)
		expectRows(f, want...)
	})
}

func TestDeadAndFilteredRecordsAreNoRows(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		b := pipeline.NewBatch(pipeline.LaneHigh, `{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`)
		b.Record(1).Filter()
		b.Record(2).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeSchema, Message: "no"})
		if err := o.Encoder().Process(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		all := pipeline.NewBatch(pipeline.LaneLow, `{"n":5}`)
		all.Record(0).Filter()
		f.write(o, group(b, all))
		f.flush(o)
		f.close(o)
		expectRows(f, 1, 4)
		if dead := f.deadLetters(o); len(dead) != 1 {
			f.t.Errorf("dead letters: got %v", dead)
		}
	})
}

func TestDeadLettersHaveEveryField(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		b := pipeline.NewBatch(pipeline.LaneCritical, `{"n":1}`, `{"status":"abc"}`, "\xff\x00{", "tail \" \x00 \u2028")
		b.Record(1).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeSchema, Pointer: "/status", Message: "is no number"})
		b.Record(2).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeInvalidUTF8, Err: errors.New("at byte 0")})
		b.Record(3).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeNotJSON, Message: "at byte 0"})
		if err := o.Encoder().Process(f.t.Context(), b); err != nil {
			f.t.Fatal(err)
		}
		f.write(o, group(b))
		f.flush(o)
		f.close(o)
		common := map[string]any{"stage": "validate", "attempts": 1., "lane": "critical", "source": "", "at": "2026-01-02T03:04:05.006Z"}
		want := []map[string]any{
			{"code": "schema", "pointer": "/status", "message": "is no number", "position": 8., "record": `{"status":"abc"}`},
			{"code": "invalid_utf8", "pointer": "", "message": "at byte 0", "position": 25., "record": "/wB7", "record_encoding": "base64"},
			{"code": "not_json", "pointer": "", "message": "at byte 0", "position": 29., "record": "tail \" \x00 \u2028"},
		}
		for i := range want {
			for k, v := range common {
				want[i][k] = v
			}
		}
		if got := f.deadLetters(o); !reflect.DeepEqual(got, want) {
			f.t.Errorf("got\n%v, expected\n%v", got, want)
		}
	})
}

var someProgress = pipeline.Progress{
	Source: "sha256:abc/4096", Name: "in put.ndjson", Lanes: [4]int64{10, 20, 30, 40}, Frontier: 10, Line: 3, Mark: "m\x00k", High: 40,
	Rules: []pipeline.RuleSpan{{Until: 40, Rule: pipeline.LaneRule{Field: "level", Map: map[string]pipeline.Lane{"fatal": pipeline.LaneCritical}, Default: pipeline.LaneLow}}},
}

func TestProgressComesBackAsItWasStored(t *testing.T) {
	eachSink(t, func(f *fixture) {
		if !f.keeps {
			return
		}
		o := f.open()
		if got := f.progress(o); len(got) != 0 {
			f.t.Errorf("before: %v", got)
		}
		p, q := someProgress, pipeline.Progress{Source: "other"}
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":1}`)}, Progress: []pipeline.Progress{p, q}})
		f.flush(o)
		p.Frontier, p.Line = 15, 4
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":2}`)}, Progress: []pipeline.Progress{p}})
		f.flush(o)
		f.close(o)

		o = f.open()
		p.Version, q.Version = 2, 1
		want := map[string]pipeline.Progress{p.Source: p, q.Source: q}
		got := map[string]pipeline.Progress{}
		for _, stored := range f.progress(o) {
			got[stored.Source] = stored
		}
		if !reflect.DeepEqual(got, want) {
			f.t.Errorf("got\n%+v, expected\n%+v", got, want)
		}
		p = got[p.Source]
		p.Frontier = 99
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":3}`)}, Progress: []pipeline.Progress{p}})
		f.flush(o)
		f.close(o)
		expectRows(f, 1, 2, 3)
		o = f.open()
		for _, stored := range f.progress(o) {
			if stored.Source == p.Source && (stored.Version != 3 || stored.Frontier != 99) {
				f.t.Errorf("after going on: %+v", stored)
			}
		}
		f.close(o)
	})
}

func TestASecondOwnerIsFencedOff(t *testing.T) {
	eachSink(t, func(f *fixture) {
		if !f.keeps {
			return
		}
		o := f.open()
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":1}`)}, Progress: []pipeline.Progress{someProgress}})
		f.flush(o)
		second, err := open(f.t.Context(), f.cfg, f.faults)
		if err == nil {
			late := someProgress // as it was before the first one moved it
			_, err = second.Sink().Write(f.t.Context(), &pipeline.Group{
				Batches: []*pipeline.Batch{f.encode(second, 0, `{"n":2}`)}, Progress: []pipeline.Progress{late}})
			f.close(second)
		}
		if !errors.Is(err, pipeline.ErrFenced) || !strings.Contains(err.Error(), "stop the other") {
			f.t.Errorf("got %v", err)
		}
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":3}`)}, Progress: []pipeline.Progress{someProgress}})
		f.flush(o)
		f.close(o)
		expectRows(f, 1, 3)
	})
}

func TestAFailedWriteLeavesNothing(t *testing.T) {
	eachSink(t, func(f *fixture) {
		if !f.takeBack {
			return
		}
		o := f.open()
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":1}`)}, Progress: []pipeline.Progress{someProgress}})
		f.flush(o)
		wrong := someProgress
		if strings.HasPrefix(f.cfg.Sink, "sqlite") {
			wrong.Source, wrong.Version = "moved by another", 7 // the progress comes after the rows
		} else {
			f.faults.Fail("write", 1, syscall.EIO)
		}
		b := f.encode(o, 0, `{"n":2}`, `{"n":3}`)
		if _, err := o.Sink().Write(f.t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{wrong}}); err == nil {
			f.t.Fatal("the write did not fail")
		}
		f.close(o)
		expectRows(f, 1)
		o = f.open()
		if got := f.progress(o); len(got) != 1 || got[0].Version != 1 {
			f.t.Errorf("progress: %+v", got)
		}
		f.write(o, &pipeline.Group{Batches: []*pipeline.Batch{f.encode(o, 0, `{"n":2}`)}, Progress: f.progress(o)})
		f.flush(o)
		f.close(o)
		expectRows(f, 1, 2)
	})
}

func TestABatchThatWasNotEncodedIsAnError(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		defer f.close(o)
		_, err := o.Sink().Write(f.t.Context(), group(pipeline.NewBatch(0, `{"n":1}`)))
		if err == nil || !strings.Contains(err.Error(), "Encoder") {
			f.t.Errorf("got %v", err)
		}
	})
}

func TestACancelledWriteSaysWhy(t *testing.T) {
	eachSink(t, func(f *fixture) {
		o := f.open()
		b := f.encode(o, 0, `{"n":1}`)
		ctx, cancel := context.WithCancelCause(f.t.Context())
		cancel(pipeline.ErrAborted)
		if _, err := o.Sink().Write(ctx, group(b)); !errors.Is(err, pipeline.ErrAborted) {
			f.t.Errorf("got %v", err)
		}
		f.close(o)
	})
}
