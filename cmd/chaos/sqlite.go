//go:build unix

package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// sqliteSink is a database of the case's directory.
type sqliteSink struct {
	dir      string
	deadFile bool // where the dead letters are
}

func newSQLiteSink(dir string, deadFile bool) *sqliteSink { return &sqliteSink{dir, deadFile} }

func (s *sqliteSink) url() string                    { return "sqlite://out.db" }
func (s *sqliteSink) facts() (byValue, repeats bool) { return false, false }
func (s *sqliteSink) close() error                   { return nil }

func (s *sqliteSink) read(l layout) (st stored, err error) {
	conn, err := sqlite.OpenConn(filepath.Join(s.dir, "out.db"), sqlite.OpenReadWrite) // to take the log over, where the last run was killed
	if err != nil {
		return st, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	rows := "SELECT line, '' FROM t ORDER BY rowid"
	if l == layoutWhole {
		rows = "SELECT data, lane FROM records ORDER BY rowid"
	}
	err = each(conn, rows, func(r *sqlite.Stmt) error {
		st.rows = append(st.rows, storedRow{text: r.ColumnText(0), lane: r.ColumnText(1)})
		return nil
	})
	if err != nil {
		return st, err
	}
	if err := s.readDead(conn, &st); err != nil {
		return st, err
	}
	return st, each(conn, "PRAGMA integrity_check", func(r *sqlite.Stmt) error {
		if r.ColumnText(0) != "ok" {
			return fmt.Errorf("the database is damaged: %s", r.ColumnText(0))
		}
		return nil
	})
}

func (s *sqliteSink) readDead(conn *sqlite.Conn, st *stored) error {
	if s.deadFile {
		return st.readDeadFile(s.dir)
	}
	return each(conn, "SELECT code, lane, record, coalesce(record_encoding, '') FROM dead_letters ORDER BY id", func(r *sqlite.Stmt) error {
		d, err := newLetter(r.ColumnText(0), r.ColumnText(1), r.ColumnText(2), r.ColumnText(3))
		st.dead = append(st.dead, d)
		return err
	})
}

func each(conn *sqlite.Conn, sql string, row func(*sqlite.Stmt) error) error {
	if err := sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: row}); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}
