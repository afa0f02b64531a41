package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

var testColumns = row.Columns{
	{Name: "id", Type: row.TypeText, Key: true}, {Name: "n", Type: row.TypeInteger}, {Name: "x", Type: row.TypeReal},
	{Name: "ok", Type: row.TypeBoolean}, {Name: "ts", Type: row.TypeTimestamp}, {Name: "tags", Type: row.TypeJSON},
}

func testConfig(t testing.TB, columns row.Columns, rest, raw string) Config {
	t.Helper()
	l := row.RecordLayout()
	if len(columns) > 0 {
		var err error
		if l, err = row.NewLayout(columns, rest, raw); err != nil {
			t.Fatal(err)
		}
	}
	return Config{
		Path: filepath.Join(t.TempDir(), "events.db"), Table: "events", Layout: l, Synchronous: "normal",
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
	}
}

func mustOpen(t testing.TB, cfg Config) *DB {
	t.Helper()
	d, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// SQLite takes the two for one table, so they have one progress.
func TestATableIsTheSameInUpperAndLowerCase(t *testing.T) {
	cfg := testConfig(t, numberColumn, "", "")
	d := mustOpen(t, cfg)
	g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":1}`, `{"n":"x"}`)}, Progress: moved(1)}
	if _, err := d.Write(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	cfg.Table = "Events"
	d = mustOpen(t, cfg)
	if all, err := d.Progress(); err != nil || len(all) != 1 {
		t.Errorf("the progress of the table by its other name is %v, %v", all, err)
	}
	letters, err := OpenLetters(cfg.Path, "EVENTS")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := letters.Delete(t.Context(), pipeline.LetterFilter{}); n != 1 || err != nil {
		t.Errorf("%d dead letters by its other name, %v", n, err)
	}
	if err := errors.Join(letters.Close(), d.Close()); err != nil {
		t.Error(err)
	}
}

func encode(t testing.TB, cfg Config, lines ...string) *pipeline.Batch {
	t.Helper()
	b := pipeline.NewBatch(pipeline.LaneNormal, lines...)
	if err := row.NewEncoder(cfg.Layout).Process(context.Background(), b); err != nil {
		t.Fatal(err)
	}
	return b
}

func write(t testing.TB, d *DB, batches ...*pipeline.Batch) {
	t.Helper()
	if settled, err := d.Write(context.Background(), &pipeline.Group{Batches: batches}); err != nil || !settled {
		t.Fatalf("Write: settled %v, %v", settled, err)
	}
}

// execute runs statements on a database of its own connection.
func execute(t testing.TB, path string, statements ...string) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, sql := range statements {
		if err := query(conn, sql, nil); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

// lookup returns the rows of a query, values as text with their type.
func lookup(t testing.TB, path, sql string) (rows []string) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = query(conn, sql, func(s *sqlite.Stmt) error {
		var cells []string
		for i := range s.ColumnCount() {
			switch s.ColumnType(i) {
			case sqlite.TypeNull:
				cells = append(cells, "NULL")
			case sqlite.TypeText:
				cells = append(cells, fmt.Sprintf("%q", s.ColumnText(i)))
			default:
				cells = append(cells, s.ColumnText(i))
			}
		}
		rows = append(rows, strings.Join(cells, " "))
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n  %s\nexpected\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestValuesAreStoredWithTheirType(t *testing.T) {
	cfg := testConfig(t, testColumns, "data", "raw")
	d := mustOpen(t, cfg)
	write(t, d, encode(t, cfg,
		`{"id":"a\u0000b","n":1e2,"x":1,"ok":true,"ts":"2024-01-01T01:00:00+01:00","tags":["x"],"more":1.0}`,
		`{"id":"007"}`))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT id, length(CAST(id AS BLOB)), n, typeof(x), ok, ts, tags, data, length(raw) FROM events ORDER BY rowid`),
		`"a\x00b" 3 100 "real" 1 "2024-01-01T00:00:00Z" "[\"x\"]" "{\"more\":1.0}" 98`,
		`"007" 3 NULL "null" NULL NULL NULL "{}" 12`)
}

func TestAKeyTakesTheNewValuesAndKeepsThePlace(t *testing.T) {
	cfg := testConfig(t, row.Columns{{Name: "a", Type: row.TypeText, Key: true}, {Name: "b", Type: row.TypeInteger, Key: true}, {Name: "v", Type: row.TypeText}}, "", "")
	d := mustOpen(t, cfg)
	var lines []string
	for i := range 20 { // several statements of several rows, the same key within one
		lines = append(lines, fmt.Sprintf(`{"a":"k%d","b":1,"v":"%d"}`, i%3, i))
	}
	write(t, d, encode(t, cfg, lines...))
	write(t, d, encode(t, cfg, `{"a":"k1","b":1,"v":null}`, `{"a":"k1","b":2,"v":"new"}`))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT a, b, v FROM events ORDER BY rowid`), `"k0" 1 "18"`, `"k1" 1 NULL`, `"k2" 1 "17"`, `"k1" 2 "new"`)
}

func TestATableOfKeysAloneKeepsEachOnce(t *testing.T) {
	cfg := testConfig(t, row.Columns{{Name: "a", Type: row.TypeInteger, Key: true}}, "", "")
	d := mustOpen(t, cfg)
	write(t, d, encode(t, cfg, `{"a":2}`, `{"a":1}`, `{"a":2}`))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT rowid, a FROM events ORDER BY rowid`), "1 2", "2 1")
}

func TestNamesMayHoldAnything(t *testing.T) {
	cfg := testConfig(t, row.Columns{{Name: `select "x"; --`, Type: row.TypeText, Key: true}, {Name: "id.orig_h", Type: row.TypeText}, {Name: "été", Type: row.TypeText}}, `re'st`, "")
	cfg.Table = `order "by" 'x'`
	d := mustOpen(t, cfg)
	write(t, d, encode(t, cfg, `{"select \"x\"; --":"1","id.orig_h":"2","été":"3"}`))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT * FROM "order ""by"" 'x'"`), `"1" "2" "3" "{}"`)
	if err := Check(t.Context(), cfg); err != nil {
		t.Error(err)
	}
	if err := mustOpen(t, cfg).Close(); err != nil {
		t.Error(err)
	}
}

func TestOnlyTheDatabaseRemainsAfterClose(t *testing.T) {
	cfg := testConfig(t, nil, "", "")
	d := mustOpen(t, cfg)
	write(t, d, encode(t, cfg, `{"a":1}`))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(cfg.Path))
	if err != nil || len(entries) != 1 {
		t.Errorf("got %v, %v", entries, err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT id, lane, data FROM events`), `1 "normal" "{\"a\":1}"`)
}

func TestARowThatTheTableRefusesIsADeadLetter(t *testing.T) {
	cfg := testConfig(t, row.Columns{{Name: "n", Type: row.TypeInteger}}, "", "")
	execute(t, cfg.Path, `CREATE TABLE events (n INTEGER CHECK (n < 100))`)
	d := mustOpen(t, cfg)
	var lines []string
	for i := range 16 {
		lines = append(lines, fmt.Sprintf(`{"n":%d}`, i))
	}
	lines[3], lines[12] = `{"n":103}`, `{"n":112}`
	b := encode(t, cfg, lines...)
	write(t, d, b)
	if b.Live() != 14 || b.Dead() != 2 {
		t.Errorf("%d live, %d dead", b.Live(), b.Dead())
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT count(*), sum(n), group_concat(n) FROM events`), `14 105 "0,1,2,4,5,6,7,8,9,10,11,13,14,15"`)
	expect(t, lookup(t, cfg.Path, `SELECT stage, code, record, position FROM dead_letters`),
		`"persist" "constraint" "{\"n\":103}" 24`, `"persist" "constraint" "{\"n\":112}" 100`)
}

func TestEachSourceAndTableHasItsOwnProgress(t *testing.T) {
	cfg := testConfig(t, nil, "", "")
	other := cfg
	other.Table = "others"
	for _, c := range []Config{cfg, other} {
		d := mustOpen(t, c)
		if all, err := d.Progress(); err != nil || len(all) != 0 {
			t.Errorf("%s: %v, %v", c.Table, all, err)
		}
		if _, err := d.Write(t.Context(), &pipeline.Group{Progress: []pipeline.Progress{{Source: "s", Frontier: 7}}}); err != nil {
			t.Error(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
	expect(t, lookup(t, cfg.Path, `SELECT rows_table, source, frontier, lanes, version FROM sluice_progress ORDER BY 1`),
		`"events" "s" 7 "{\"critical\":0,\"high\":0,\"normal\":0,\"low\":0}" 1`,
		`"others" "s" 7 "{\"critical\":0,\"high\":0,\"normal\":0,\"low\":0}" 1`)
}

func TestAWideTableGoesRowByRow(t *testing.T) {
	var columns row.Columns
	for i := range 1990 {
		columns = append(columns, row.Column{Name: fmt.Sprintf("c%d", i), Type: row.TypeInteger})
	}
	cfg := testConfig(t, columns, "", "")
	d := mustOpen(t, cfg)
	d.conn.Limit(sqlite.LimitVariableNumber, 5000)
	var err error
	if d.rows, err = newInserter(d.conn, tableOf(cfg.Table, cfg.Layout), cfg.Layout, row.ConflictUpdate); err != nil || d.rows.many != nil {
		t.Fatalf("%v, %v", d.rows.many, err)
	}
	lines := make([]string, 10)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"c1989":%d}`, i)
	}
	write(t, d, encode(t, cfg, lines...))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT count(*), sum(c1989) FROM events`), "10 45")
}

func TestAnErrorInTheMiddleIsUndoneAndTheSinkGoesOn(t *testing.T) {
	cfg := testConfig(t, nil, "", "")
	d := mustOpen(t, cfg)
	defer d.Close()
	bad := pipeline.Progress{Source: "s", Version: 3}
	b := encode(t, cfg, `{"a":1}`, `{"a":2}`)
	if _, err := d.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{bad}}); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("got %v", err)
	}
	write(t, d, encode(t, cfg, `{"a":3}`))
	expect(t, lookup(t, cfg.Path, `SELECT data FROM events`), `"{\"a\":3}"`)
}
