package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// lockedError adds to the end of a wait for a lock who holds some.
type lockedError struct {
	err     error
	holders string
}

func (e *lockedError) Error() string {
	return fmt.Sprintf("%v; locks are held by %s; SELECT pg_terminate_backend(NUMBER) ends a process that should not hold any", e.err, e.holders)
}

func (e *lockedError) Unwrap() error { return e.err }

// locked finds out who holds locks on the tables when err is about one. The
// transaction is over by then.
func (d *DB) locked(ctx context.Context, err error) error {
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || server.Code != "55P03" || d.conn == nil || d.conn.IsClosed() {
		return err
	}
	tables := []string{"to_regclass(" + literal(d.rows.name.String()) + ")"}
	for _, t := range d.own {
		tables = append(tables, "to_regclass("+literal(t.name.String())+")")
	}
	rows, failed := query(ctx, d.conn, `SELECT string_agg(DISTINCT format('process %s (%s)', pid, concat_ws(', ', nullif(application_name, ''), usename, state)), ' and ')
		FROM pg_locks JOIN pg_stat_activity USING (pid)
		WHERE granted AND pid <> pg_backend_pid() AND mode <> 'AccessShareLock' AND relation IN (`+strings.Join(tables, ", ")+")")
	if failed != nil || rows[0][0] == "" { // they are gone meanwhile
		return err
	}
	return &lockedError{err, rows[0][0]}
}
