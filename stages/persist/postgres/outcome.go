package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
)

// receipt is by what a transaction is recognised whose COMMIT had no answer.
type receipt struct {
	transaction string            // its number at the server
	progress    pipeline.Progress // of one source of the group
	version     int64             // that the progress has then; 0 for a group that moves none
	serial      int64             // of a group that moves none
}

// isUnknown says whether an error of COMMIT leaves open if the transaction is in:
// it is no answer of the server, or its last one. A server names the severity in its
// own language, and beside that in English (PostgreSQL, 55.8), which a pooler may leave out.
func isUnknown(err error) bool {
	if err == nil {
		return false
	}
	server, ok := errors.AsType[*pgconn.PgError](err)
	return !ok || cmp.Or(server.SeverityUnlocalized, server.Severity) != "ERROR"
}

// wasStored finds out whether the transaction whose COMMIT had no answer is in.
// A server that was cut off may still be at it: that is waited for, or the group
// would go in twice.
func (d *DB) wasStored(ctx context.Context) (bool, error) {
	r := d.lost
	if r == nil {
		return false, nil
	}
	status, err := query(ctx, d.conn, "SELECT txid_status($1)", r.transaction)
	switch {
	case err == nil && status[0][0] == "in progress":
		return false, errOpen
	case err != nil && refusal(err) == nil: // a server that took over may not know the number
		return false, err
	}
	committed := err == nil && status[0][0] == "committed"
	stored, err := d.holds(ctx, r, committed)
	if err == nil && !stored {
		d.lost = nil
	}
	return stored, err
}

// holds says whether the database has what a transaction left, which the server
// says it committed or does not.
func (d *DB) holds(ctx context.Context, r *receipt, committed bool) (bool, error) {
	if r.version == 0 {
		rows, err := query(ctx, d.conn, d.sql.readMark, d.instance)
		if err != nil {
			return false, err
		}
		if len(rows) == 0 { // it was the first of this process, or somebody removed it
			return committed, nil
		}
		return int64Of(rows[0][0]) == r.serial, nil
	}
	all, err := d.allProgress(ctx)
	if err != nil {
		return false, fmt.Errorf("read progress after a lost COMMIT: %w", err)
	}
	for _, p := range all {
		if p.Source == r.progress.Source {
			// Another process may have moved it to the same version, but not to the same place.
			return p.Version == r.version && p.Lanes == r.progress.Lanes && p.Frontier == r.progress.Frontier, nil
		}
	}
	return false, nil
}

// keptCommits is how long the number of a process is kept that did not remove it
// itself, because it was killed or the server was away. A process that lives and
// waits for longer than that to find out about a COMMIT has the server's word only.
const keptCommits = "30 days"

// expire removes what processes have left that ended long ago. It does not matter
// when it fails, as for want of the right: it is tried at each start.
func (d *DB) expire(ctx context.Context) { _, _ = query(ctx, d.conn, d.sql.expire) }

// forget removes this process's number. It does not matter when it stays.
func (d *DB) forget() {
	if d.serial == 0 || d.conn == nil || d.conn.IsClosed() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_, _ = query(ctx, d.conn, d.sql.forget, d.instance)
}
