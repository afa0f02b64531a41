package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// LetterTable is the dead letters of one table of rows, in their table of the database,
// beside any sink that writes it. It is a deadletter.Store.
type LetterTable struct {
	path string
	rows string // the table of the rows
	conn *sqlite.Conn
}

// OpenLetters opens the letters of a table of rows in a database, which must be there.
// A database without dead letters has none. One that this process may only read can be
// read.
func OpenLetters(path, rows string) (*LetterTable, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open dead letters: there is no database: %w", err)
	}
	// Where nothing may be written SQLite cannot keep its log, which readers need.
	name, flags := path, sqlite.OpenReadWrite
	if !writable(path) {
		name, flags = readOnly(path), sqlite.OpenReadOnly|sqlite.OpenURI
	}
	conn, err := sqlite.OpenConn(name, flags)
	if err != nil {
		return nil, explain(err, path)
	}
	conn.SetBusyTimeout(busyTimeout)
	return &LetterTable{path: path, rows: rows, conn: conn}, nil
}

// has says whether there is a table. From now on the end of ctx interrupts the
// connection.
func (t *LetterTable) has(ctx context.Context) (bool, error) {
	t.conn.SetInterrupt(ctx.Done())
	have, err := inspect(t.conn, DeadLettersTable)
	if err == nil {
		t.rows, err = nameOf(t.conn, t.rows)
	}
	return have.kind != "", t.failed(ctx, err)
}

// letterColumns are the columns of a whole letter and of a brief one, whose
// places are the same.
const (
	letterHead  = "id, stage, code, pointer, message, attempts, lane, source, position, at, length(CAST(record AS BLOB))"
	letterWhole = letterHead + ", record, record_encoding, errors"
)

// Each implements deadletter.Store. It reads one state of the table, and holds it
// until it returns.
func (t *LetterTable) Each(ctx context.Context, f pipeline.LetterFilter, whole bool, visit func(*deadletter.Stored) error) error {
	if has, err := t.has(ctx); !has || err != nil {
		return err
	}
	columns := letterHead
	if whole {
		columns = letterWhole
	}
	where, args := deadletter.Where(f, t.rows)
	err := t.query("SELECT "+columns+" FROM "+DeadLettersTable+where, args, func(s *sqlite.Stmt) error {
		letter := deadletter.Stored{ID: s.ColumnInt64(0), Size: s.ColumnInt64(10), Letter: deadletter.Letter{
			Stage: s.ColumnText(1), Code: s.ColumnText(2), Pointer: s.ColumnText(3), Message: s.ColumnText(4), Attempts: s.ColumnInt(5),
			Lane: s.ColumnText(6), Source: s.ColumnText(7), Position: s.ColumnInt64(8), At: s.ColumnText(9),
		}}
		if whole {
			letter.Record, letter.Encoding, letter.Errors = s.ColumnText(11), s.ColumnText(12), s.ColumnText(13)
		}
		return visit(&letter)
	})
	if errors.Is(err, deadletter.ErrEnough) {
		return nil
	}
	return t.failed(ctx, err)
}

// Stats implements deadletter.Store.
func (t *LetterTable) Stats(ctx context.Context, f pipeline.LetterFilter) (all []pipeline.LetterCount, err error) {
	if has, err := t.has(ctx); !has || err != nil {
		return nil, err
	}
	where, args := deadletter.Where(f, t.rows)
	err = t.query(`SELECT stage, code, lane, count(*), min(at), max(at), max(id)
		FROM (SELECT id, stage, code, lane, at FROM `+DeadLettersTable+where+`)
		GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3`, args, func(s *sqlite.Stmt) error {
		all = append(all, pipeline.LetterCount{
			Stage: s.ColumnText(0), Code: s.ColumnText(1), Lane: s.ColumnText(2), Count: s.ColumnInt64(3), First: s.ColumnText(4), Last: s.ColumnText(5), MaxID: s.ColumnInt64(6),
		})
		return nil
	})
	return all, t.failed(ctx, err)
}

// Delete implements deadletter.Store.
func (t *LetterTable) Delete(ctx context.Context, f pipeline.LetterFilter) (int64, error) {
	if has, err := t.has(ctx); !has || err != nil {
		return 0, err
	}
	where, args := deadletter.Where(f, t.rows)
	err := whileBusy(ctx, busyTimeout, func() error {
		return t.query("DELETE FROM "+DeadLettersTable+" WHERE id IN (SELECT id FROM "+DeadLettersTable+where+")", args, nil)
	})
	if err != nil {
		return 0, t.failed(ctx, err)
	}
	return int64(t.conn.Changes()), nil
}

func (t *LetterTable) query(sql string, args []any, each func(*sqlite.Stmt) error) error {
	return sqlitex.ExecuteTransient(t.conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: each})
}

// failed says what was wrong.
func (t *LetterTable) failed(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case strings.Contains(err.Error(), "no such column"):
		return fmt.Errorf("%s: the table %s is not as sluice makes it: %w", t.path, DeadLettersTable, err)
	case sqlite.ErrCode(err) == sqlite.ResultError:
		return err // the visitor's own
	}
	return explain(err, t.path)
}

// Close implements deadletter.Store.
func (t *LetterTable) Close() error {
	t.conn.SetInterrupt(nil)
	return explain(t.conn.Close(), t.path)
}

var _ deadletter.Store = (*LetterTable)(nil)
