//go:build unix

package main

import "testing"

// TestWhatATableRefusesIsADeadLetter changes tables in mid-run so that they
// take some of the records, or all of them all the same. Nothing is waited for.
func TestWhatATableRefusesIsADeadLetter(t *testing.T) {
	for _, tc := range []struct {
		name    string
		server  []string // SQL for PostgreSQL
		file    []string // SQL for SQLite
		refused int      // of the later records, beside those that fit no integer
	}{
		{
			name:    "a CHECK is added",
			server:  []string{"ALTER TABLE t ADD CHECK (n < 700)"},
			refused: laterRecords * 9 / 10 * 2 / 3,
		},
		{
			name:    "a unique index is added",
			server:  []string{"CREATE UNIQUE INDEX ON t ((n % 10)) WHERE n >= 600"},
			file:    []string{"CREATE UNIQUE INDEX more ON t (n % 10) WHERE n >= 600"},
			refused: laterRecords*9/10 - 9,
		},
		{
			name:    "a column must have a value now",
			server:  []string{"ALTER TABLE t ALTER COLUMN n SET NOT NULL", "UPDATE t SET size = 0 WHERE size IS NULL", "ALTER TABLE t ALTER COLUMN size SET NOT NULL"},
			refused: laterRecords / 10,
		},
		{
			name:    "a trigger raises",
			server:  []string{"CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF new.n % 2 = 0 THEN RAISE 'it is even'; END IF; RETURN new; END$$", "CREATE TRIGGER no BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION no()"},
			file:    []string{"CREATE TRIGGER no BEFORE INSERT ON t WHEN new.n % 2 = 0 BEGIN SELECT RAISE(ABORT, 'it is even'); END"},
			refused: laterRecords / 2,
		},
		{
			name:   "a column gets another type that takes the values",
			server: []string{"ALTER TABLE t ALTER COLUMN size TYPE numeric"},
		},
		{
			name:    "a column gets a type that takes some of the values",
			server:  []string{"ALTER TABLE t ALTER COLUMN size TYPE smallint"},
			refused: 196, // those above 32767
		},
		{
			name:   "a column with a default is added",
			server: []string{"ALTER TABLE t ADD COLUMN more text DEFAULT ''"},
			file:   []string{"ALTER TABLE t ADD COLUMN more TEXT NOT NULL DEFAULT ''"},
		},
	} {
		for kind, sql := range map[string][]string{"PostgreSQL": tc.server, "SQLite": tc.file} {
			if sql == nil {
				continue
			}
			t.Run(tc.name+" in "+kind, func(t *testing.T) {
				inTemp(t, nil)
				var d *store
				var change func()
				if kind == "SQLite" {
					d = inSQLite(".")
					change = func() { alter(t, "out.db", sql...) }
				} else {
					server := shared.Server(t)
					d = atServer(t, server, superuser, "")
					change = func() { server.Exec(d.admin, sql...) }
				}
				s := startOn(t, d)
				outlive(t, s, d, outage{inflict: change})
				misfits := (firstRecords + laterRecords) / 10
				if got := len(d.dead(t)); got != misfits+tc.refused {
					t.Errorf("%d dead letters, want %d and %d refused by the table", got, misfits, tc.refused)
				}
			})
		}
	}
}
