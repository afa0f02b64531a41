package sqlite

import (
	"fmt"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// Whatever a table does to the transaction when it refuses a row, the row's
// mates are stored once each and the record is a dead letter.
func TestATableThatUndoesMoreThanTheRowLosesOnlyTheRow(t *testing.T) {
	for name, table := range map[string][]string{
		"UNIQUE ON CONFLICT ROLLBACK": {`CREATE TABLE events (n INTEGER UNIQUE ON CONFLICT ROLLBACK)`},
		"UNIQUE ON CONFLICT FAIL":     {`CREATE TABLE events (n INTEGER UNIQUE ON CONFLICT FAIL)`},
		"RAISE(ROLLBACK) before":      trigger("BEFORE", "ROLLBACK"),
		"RAISE(ROLLBACK) after":       trigger("AFTER", "ROLLBACK"),
		"RAISE(FAIL) before":          trigger("BEFORE", "FAIL"),
		"RAISE(FAIL) after":           trigger("AFTER", "FAIL"),
		"RAISE(ABORT) after":          trigger("AFTER", "ABORT"),
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, row.Columns{{Name: "n", Type: row.TypeInteger}}, "", "")
			execute(t, cfg.Path, table...)
			d := mustOpen(t, cfg)
			var lines []string
			for i := range 21 {
				lines = append(lines, fmt.Sprintf(`{"n":%d}`, i))
			}
			lines[4], lines[12], lines[20] = `{"n":1}`, `{"n":2}`, `{"n":3}`
			first, second := encode(t, cfg, lines[:10]...), encode(t, cfg, lines[10:]...)
			progress := []pipeline.Progress{{Source: "s", Frontier: 7}}
			if _, err := d.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{first, second}, Progress: progress}); err != nil {
				t.Fatal(err)
			}
			write(t, d, encode(t, cfg, `{"n":100}`, `{"n":5}`, `{"n":101}`))
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			expect(t, lookup(t, cfg.Path, `SELECT group_concat(n, ' ') FROM events`), `"0 1 2 3 5 6 7 8 9 10 11 13 14 15 16 17 18 19 100 101"`)
			expect(t, lookup(t, cfg.Path, `SELECT code, record FROM dead_letters`), `"constraint" "{\"n\":1}"`, `"constraint" "{\"n\":2}"`, `"constraint" "{\"n\":3}"`, `"constraint" "{\"n\":5}"`)
			expect(t, lookup(t, cfg.Path, `SELECT frontier FROM sluice_progress`), "7")
		})
	}
}

// SQLite takes so many bytes in a row and no more, a billion unless it was built
// otherwise.
func TestARowThatIsTooLargeForSQLiteIsADeadLetter(t *testing.T) {
	cfg := testConfig(t, row.Columns{{Name: "n", Type: row.TypeInteger}, {Name: "t", Type: row.TypeText}}, "", "line")
	d := mustOpen(t, cfg)
	d.conn.Limit(sqlite.LimitLength, 5000)
	large := `{"n":3,"t":"` + strings.Repeat("x", 3000) + `"}`
	write(t, d, encode(t, cfg, `{"n":1}`, `{"n":2}`, large, `{"n":4}`))
	write(t, d, encode(t, cfg, `{"n":5}`))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT group_concat(n, ' ') FROM events`), `"1 2 4 5"`)
	expect(t, lookup(t, cfg.Path, `SELECT code, length(record), instr(message, 'too big') > 0 FROM dead_letters`), `"constraint" 3014 1`)
}

// trigger is a table without a constraint, where a trigger refuses a number
// that is there.
func trigger(when, how string) []string {
	seen := "SELECT 1 FROM events WHERE n = NEW.n"
	if when == "AFTER" {
		seen += " AND rowid <> NEW.rowid"
	}
	return []string{`CREATE TABLE events (n INTEGER)`, `CREATE TRIGGER guard ` + when + ` INSERT ON events WHEN EXISTS (` + seen + `)
		BEGIN SELECT RAISE(` + how + `, 'seen before'); END`}
}
