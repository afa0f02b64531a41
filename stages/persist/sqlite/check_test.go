package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"sluice/stages/persist/misfits"
)

// Whatever SQL a misfit names, running it must make the table fit.
func TestWhatDoesNotFitIsListedWithWhatMendsIt(t *testing.T) {
	for name, c := range map[string]struct {
		setup []string
		want  []string // problems
	}{
		"missing columns": {
			[]string{`CREATE TABLE events (id TEXT UNIQUE, x REAL, ts TEXT, tags TEXT)`},
			[]string{"column n is missing; expected INTEGER", "column ok is missing; expected INTEGER"},
		},
		"other types": {
			[]string{`CREATE TABLE events (id TEXT UNIQUE, n TEXT, x INTEGER, ok BOOLEAN, ts TIMESTAMP, tags JSON)`, `INSERT INTO events(id, n) VALUES ('a', '5')`},
			[]string{"column n is TEXT; expected INTEGER for type integer", "column x is INTEGER; expected REAL", "column ts is TIMESTAMP; expected TEXT", "column tags is JSON; expected TEXT"},
		},
		"no key": {
			[]string{`CREATE TABLE events (id TEXT, n INT, x DOUBLE, ok INT, ts TEXT, tags TEXT)`, `CREATE INDEX i ON events(id)`},
			[]string{"the key (id) has no unique index"},
		},
		"a key over more columns, in part, without case, over an expression": {
			[]string{`CREATE TABLE events (id TEXT, n INT, x REAL, ok INT, ts TEXT, tags TEXT, UNIQUE (id, n))`,
				`CREATE UNIQUE INDEX p ON events(id) WHERE n > 0`, `CREATE UNIQUE INDEX q ON events(id COLLATE NOCASE)`, `CREATE UNIQUE INDEX r ON events(lower(id))`},
			[]string{"the key (id) has no unique index"},
		},
		"columns that nothing fills": {
			[]string{`CREATE TABLE events (id TEXT UNIQUE, n INT, x REAL, ok INT, ts TEXT, tags TEXT, who TEXT NOT NULL, "when" TEXT NOT NULL DEFAULT 'now')`},
			[]string{"column who is NOT NULL without a default"},
		},
		"everything at once": {
			[]string{`CREATE TABLE events (id INTEGER PRIMARY KEY, n TEXT, who TEXT NOT NULL)`},
			[]string{"column id is INTEGER; expected TEXT", "column n is TEXT", "column x is missing", "column ok is missing", "column ts is missing", "column tags is missing", "column who is NOT NULL"},
		},
		"a generated column": {
			[]string{`CREATE TABLE events (id TEXT UNIQUE, n INT AS (1), x REAL, ok INT, ts TEXT, tags TEXT)`},
			[]string{"column n is generated"},
		},
		"a view": {
			[]string{`CREATE VIEW events AS SELECT 1 AS id`},
			[]string{"it is a view, not a table"},
		},
		"a virtual table": {
			[]string{`CREATE VIRTUAL TABLE events USING fts5(n)`},
			[]string{"it is a virtual table, not an ordinary one"},
		},
		"an older table of dead letters": {
			[]string{`CREATE TABLE dead_letters (id INTEGER PRIMARY KEY, stage TEXT, code TEXT, pointer TEXT, message TEXT, lane TEXT, source TEXT, position INTEGER, at TEXT, record TEXT)`},
			[]string{"table dead_letters of ", "column attempts is missing; expected INTEGER", "column record_encoding is missing; expected TEXT", "column errors is missing; expected "},
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, testColumns, "", "")
			execute(t, cfg.Path, c.setup...)
			_, err := Open(t.Context(), cfg)
			misfit, ok := errors.AsType[*misfits.Error](err)
			if !ok {
				t.Fatalf("got %v", err)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("not said: %s\nin: %v", want, err)
				}
			}
			if checked := Check(t.Context(), cfg); checked == nil || checked.Error() != err.Error() {
				t.Errorf("Check says otherwise: %v", checked)
			}
			execute(t, cfg.Path, misfit.Mend...)
			if err := Check(t.Context(), cfg); err != nil {
				t.Errorf("after %v: %v", misfit.Mend, err)
			}
			d := mustOpen(t, cfg)
			write(t, d, encode(t, cfg, `{"id":"z","n":1,"x":1.5,"ok":true,"ts":"2024-01-01T00:00:00Z","tags":{}}`))
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTablesThatFit(t *testing.T) {
	for name, setup := range map[string]string{
		"as sluice makes it":                "",
		"more columns, other case, INT":     `CREATE TABLE events (more TEXT, ID TEXT NOT NULL, N BIGINT, X DOUBLE, OK BOOLEAN, TS VARCHAR(40), TAGS TEXT, PRIMARY KEY (ID))`,
		"a number of its own for each row":  `CREATE TABLE events (serial INTEGER PRIMARY KEY NOT NULL, id TEXT UNIQUE, n INT, x REAL, ok INT, ts TEXT, tags TEXT)`,
		"no types at all":                   `CREATE TABLE events (id UNIQUE, n, x, ok, ts, tags)`,
		"a strict table":                    `CREATE TABLE events (id TEXT UNIQUE, n INTEGER, x REAL, ok INT, ts TEXT, tags ANY) STRICT`,
		"without rowid":                     `CREATE TABLE events (id TEXT PRIMARY KEY, n INT, x REAL, ok INT, ts TEXT, tags TEXT) WITHOUT ROWID`,
		"an extra column with a default":    `CREATE TABLE events (id TEXT UNIQUE, n INT, x REAL, ok INT, ts TEXT, tags TEXT, v INT NOT NULL DEFAULT 1)`,
		"an extra column that is generated": `CREATE TABLE events (id TEXT UNIQUE, n INT, x REAL, ok INT, ts TEXT, tags TEXT, v INT NOT NULL AS (1))`,
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, testColumns, "", "")
			if setup != "" {
				execute(t, cfg.Path, setup)
			}
			for range 2 {
				d := mustOpen(t, cfg)
				write(t, d, encode(t, cfg, `{"id":"z","n":1,"x":1.5,"ok":true,"ts":"2024-01-01T00:00:00Z","tags":{}}`))
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
			}
			expect(t, lookup(t, cfg.Path, `SELECT id, n, typeof(n), x, typeof(x), ok, typeof(ok), ts, tags FROM events`),
				`"z" 1 "integer" 1.5 "real" 1 "integer" "2024-01-01T00:00:00Z" "{}"`)
		})
	}
}

func TestCheckChangesNothing(t *testing.T) {
	cfg := testConfig(t, testColumns, "", "")
	if err := Check(t.Context(), cfg); err != nil {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(cfg.Path)); len(entries) != 0 {
		t.Errorf("made: %v", entries)
	}
	d := mustOpen(t, cfg)
	write(t, d, encode(t, cfg, `{"id":"1"}`))
	if err := Check(t.Context(), cfg); err != nil { // with the log of another connection beside it
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(cfg.Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := Check(t.Context(), cfg); err != nil {
		t.Error(err)
	}
	after, _ := os.ReadFile(cfg.Path)
	if entries, _ := os.ReadDir(filepath.Dir(cfg.Path)); len(entries) != 1 || sha256.Sum256(before) != sha256.Sum256(after) {
		t.Errorf("left behind: %v", entries)
	}
}

func TestAffinity(t *testing.T) {
	for declared, want := range map[string]string{
		"INTEGER": "INTEGER", "tinyint(1)": "INTEGER", "CHARINT": "INTEGER", "varchar(9)": "TEXT", "CLOB": "TEXT", "text": "TEXT",
		"": "BLOB", "blob": "BLOB", "double precision": "REAL", "float": "REAL", "NUMERIC": "NUMERIC", "BOOLEAN": "NUMERIC", "TIMESTAMP": "NUMERIC",
	} {
		if got := affinity(declared); got != want {
			t.Errorf("%q: got %s, expected %s", declared, got, want)
		}
	}
}

func TestACheckOfALockedDatabaseEndsWithItsContext(t *testing.T) {
	cfg := testConfig(t, numberColumn, "", "")
	execute(t, cfg.Path, `CREATE TABLE events (n INTEGER)`)
	conn, err := sqlite.OpenConn(cfg.Path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, sql := range []string{"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = WAL", "INSERT INTO events VALUES (1)"} {
		if err := query(conn, sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	ended := errors.New("ended")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(ended)
	if err := Check(ctx, cfg); !errors.Is(err, ended) {
		t.Errorf("got %v", err)
	}
}
