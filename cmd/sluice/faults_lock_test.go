//go:build unix

package main

import (
	"syscall"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// lockDatabase takes a lock on a database, as another program does, and returns
// what gives it up.
func lockDatabase(t *testing.T, path, how string) (release func()) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetBusyTimeout(patience)
	if err := sqlitex.ExecuteTransient(conn, "BEGIN "+how, nil); err != nil {
		t.Fatal(err)
	}
	released := false
	release = func() {
		if !released {
			_ = conn.Close() // rolls back
		}
		released = true
	}
	t.Cleanup(release)
	return release
}

func TestADatabaseThatAnotherProgramLocksIsWaitedFor(t *testing.T) {
	for _, how := range []string{"IMMEDIATE", "EXCLUSIVE"} {
		t.Run(how, func(t *testing.T) {
			inTemp(t, nil)
			d := inSQLite(".")
			s := startOn(t, d)
			var release func()
			outlive(t, s, d, outage{
				says:    []string{"out.db: the database is locked by another process: end its transaction, or stop it"},
				inflict: func() { release = lockDatabase(t, "out.db", how) },
				cure:    func() { release() },
			})
		})
	}
}

func TestASignalEndsTheWaitForALockThatStays(t *testing.T) {
	inTemp(t, nil)
	d := inSQLite(".")
	s := startOn(t, d)
	release := lockDatabase(t, "out.db", "IMMEDIATE")
	s.postBeside("?ack=accepted", faultRecords(firstRecords, firstRecords+1))
	s.waitsSaying("out.db: the database is locked by another process")
	if got := s.end(syscall.SIGTERM); got != exitLeft || !contains(s.stderr(), []string{"within its budget of 1s; the sink takes no records: out.db: the database is locked", "left unfinished: 1 normal"}) {
		t.Errorf("exit %d\n%s", got, s.stderr())
	}
	release()
	startsNow(t, d)
}

// TestATableOfSQLiteThatDoesNotFitIsWaitedFor changes tables in mid-run so that
// they take no record at all, and puts them back.
func TestATableOfSQLiteThatDoesNotFitIsWaitedFor(t *testing.T) {
	for _, tc := range []struct {
		name   string
		says   []string
		before []string // SQL that inflicts it
		after  []string // SQL that mends it
	}{
		{"the table is dropped", []string{"table t of out.db", "is gone; create it again: CREATE TABLE"},
			[]string{"ALTER TABLE t RENAME TO elsewhere"}, []string{"ALTER TABLE elsewhere RENAME TO t"}},
		{"the table of dead letters is dropped", []string{"dead_letters", "is gone; create it again: CREATE TABLE"},
			[]string{"ALTER TABLE dead_letters RENAME TO elsewhere"}, []string{"ALTER TABLE elsewhere RENAME TO dead_letters"}},
		{"the table of the progress is dropped", []string{"sluice_progress", "is gone; create it again: CREATE TABLE"},
			[]string{"ALTER TABLE sluice_progress RENAME TO elsewhere"}, []string{"ALTER TABLE elsewhere RENAME TO sluice_progress"}},
		{"a column is dropped", []string{"column size is missing", "ADD COLUMN"},
			[]string{"ALTER TABLE t DROP COLUMN size"}, []string{"ALTER TABLE t ADD COLUMN size INTEGER"}},
		{"a column is renamed", []string{"column size is missing", "ADD COLUMN"},
			[]string{"ALTER TABLE t RENAME COLUMN size TO length"}, []string{"ALTER TABLE t RENAME COLUMN length TO size"}},
		{"a column has another type", []string{"column size is TEXT; expected INTEGER"},
			[]string{"ALTER TABLE t RENAME COLUMN size TO length", "ALTER TABLE t ADD COLUMN size TEXT"},
			[]string{"ALTER TABLE t DROP COLUMN size", "ALTER TABLE t RENAME COLUMN length TO size"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTemp(t, nil)
			d := inSQLite(".")
			s := startOn(t, d)
			outlive(t, s, d, outage{
				says:    tc.says,
				inflict: func() { alter(t, "out.db", tc.before...) },
				cure:    func() { alter(t, "out.db", tc.after...) },
			})
		})
	}
}
