package persist

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/klauspost/compress/zstd"

	"sluice/pipeline"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
	"sluice/stages/persist/postgrestest"
)

// fixture is one sink in a folder of its own, as the conformance suite sees it.
type fixture struct {
	t      *testing.T
	cfg    Config
	faults *disktest.Faults
	stdout bytes.Buffer
	now    time.Time
	server *postgrestest.Server // nil for sinks in files

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
	"ndjson, gzip": func(f *fixture) { f.cfg.Sink, f.keeps, f.takeBack = "ndjson://out.ndjson.gz", true, true },
	"ndjson, zstd, always synced": func(f *fixture) {
		f.cfg.Sink, f.keeps, f.takeBack, f.atOnce = "ndjson://out.ndjson?compress=zstd&sync=always", true, true, true
	},
	"ndjson, rotated": func(f *fixture) {
		f.cfg.Sink, f.keeps, f.takeBack = "ndjson://out.ndjson?rotate_size=4KiB", true, true
	},
	"ndjson, rotated, gzip, synced at the end": func(f *fixture) {
		f.cfg.Sink, f.keeps, f.takeBack = "ndjson://out.ndjson?rotate_size=4KiB&compress=gzip&sync=close", true, true
	},
	"postgres, records": func(f *fixture) { f.atServer("") },
	"postgres, columns": func(f *fixture) {
		f.atServer("")
		f.cfg.Table = fmt.Sprintf("s%d.events", schemas.Load())
		f.cfg.Columns = Columns{{Name: "n", Type: "integer"}}
	},
	"postgres, keyed": func(f *fixture) {
		f.atServer("events")
		f.cfg.Columns = Columns{{Name: "n", Type: "integer", Key: true}}
	},
	"postgres, dead letters in a file": func(f *fixture) {
		f.atServer("")
		f.cfg.DeadLetters = "dead.ndjson"
	},
	"stdout": func(f *fixture) { f.cfg.Sink, f.atOnce = "stdout://", true },
}

// atServer makes the sink a schema of its own at the server of all tests.
func (f *fixture) atServer(table string) {
	f.t.Helper()
	server := sharedServer(f.t)
	f.cfg.Sink, f.cfg.Table = server.Schema(fmt.Sprintf("s%d", schemas.Add(1))), table
	f.server, f.atOnce, f.keeps, f.takeBack = server, true, true, true
}

var schemas atomic.Int64

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

// inTransactions says whether rows and progress go in together.
func (f *fixture) inTransactions() bool {
	return f.server != nil || strings.HasPrefix(f.cfg.Sink, "sqlite")
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
	case f.server != nil:
		sql := `SELECT data ->> 'n' FROM records ORDER BY id`
		if len(f.cfg.Columns) > 0 {
			sql = `SELECT n FROM events ORDER BY ctid`
		}
		for _, r := range f.server.Query(f.cfg.Sink, sql) {
			n, err := strconv.ParseInt(r, 10, 64)
			if err != nil {
				f.t.Fatal(err)
			}
			rows = append(rows, n)
		}
	case f.cfg.Sink == "stdout://":
		rows = numbers(f.t, f.stdout.Bytes())
	default:
		rows = numbers(f.t, f.fileRows())
	}
	return rows
}

// fileRows returns the rows of all files, finished ones first, unpacked.
func (f *fixture) fileRows() (text []byte) {
	f.t.Helper()
	finished, err := filepath.Glob(f.path("out-*"))
	if err != nil {
		f.t.Fatal(err)
	}
	for _, path := range append(finished, f.path("out.ndjson"), f.path("out.ndjson.gz"), f.path("out.ndjson.partial")) {
		raw, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err == nil {
			raw, err = unpack(raw)
		}
		if err != nil {
			f.t.Fatalf("%s: %v", path, err)
		}
		text = append(text, raw...)
	}
	return text
}

// unpack undoes the compression that the bytes show.
func unpack(raw []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(raw, []byte{0x1F, 0x8B}):
		z, err := gzip.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	case bytes.HasPrefix(raw, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		z, err := zstd.NewReader(bytes.NewReader(raw))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return io.ReadAll(z)
	}
	return raw, nil
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
	if f.server != nil {
		var lines bytes.Buffer
		for _, r := range f.server.Query(f.cfg.Sink, `SELECT json_strip_nulls(to_json(d)) FROM (SELECT stage, code, pointer, message, attempts, lane, source, position,
			to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at, record, record_encoding, errors::json AS errors FROM dead_letters ORDER BY id) d`) {
			lines.WriteString(r + "\n")
		}
		return objects(f.t, lines.Bytes())
	}
	names := []string{"stage", "code", "pointer", "message", "attempts", "lane", "source", "position", "at", "record", "record_encoding", "errors"}
	var all []map[string]any
	for _, r := range queryAll(f.t, f.path("out.db"), "SELECT "+strings.Join(names, ", ")+" FROM dead_letters ORDER BY id") {
		letter := map[string]any{}
		for i, v := range r {
			if n, ok := v.(int64); ok {
				v = float64(n)
			}
			if text, ok := v.(string); ok && names[i] == "errors" {
				if err := json.Unmarshal([]byte(text), &v); err != nil {
					f.t.Fatal(err)
				}
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
