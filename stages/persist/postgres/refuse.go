package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
)

// putCarefully puts in the rows that the table takes, with begin before the first
// statement; the records of the others become dead letters. The table is held as it
// is first, so that no row is refused for a column that somebody has changed.
func (d *DB) putCarefully(ctx context.Context, begin string) error {
	// Constraints that are checked at the end would take the good rows along.
	if err := execute(ctx, d.conn, begin+immediately+d.sql.lock); err != nil {
		return err
	}
	if fits, _, err := d.look(ctx); err != nil || !fits {
		return firstError(err, errChanged)
	}
	if d.sql.upsert != "" {
		return d.putEach(ctx, d.liveRows())
	}
	rows := d.liveRecords()
	return d.putSome(ctx, rows, 0, len(rows))
}

// What a try stands behind that may be refused.
const (
	savepoint        = "SAVEPOINT sluice_rows"
	releaseSavepoint = "RELEASE " + savepoint
	backToSavepoint  = "ROLLBACK TO " + savepoint
)

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// liveRecords are those whose rows go in, in order.
func (d *DB) liveRecords() []*pipeline.Record {
	var all []*pipeline.Record
	for _, b := range d.batches {
		if t, ok := b.Payload.(*tuples); ok {
			for _, r := range t.records {
				if r.Live() {
					all = append(all, r)
				}
			}
		}
	}
	return all
}

// putSome puts in the rows lo to hi of those that were live at the beginning, of a
// table without a key. When one of them is refused it goes on with parts of them,
// until that one stands alone. A row that is in stays in.
func (d *DB) putSome(ctx context.Context, rows []*pipeline.Record, lo, hi int) error {
	for lo < hi {
		err := d.trySome(ctx, rows, lo, hi)
		fault := refusal(err)
		if fault == nil {
			return err
		}
		if err := execute(ctx, d.conn, backToSavepoint); err != nil {
			return err
		}
		if hi-lo == 1 {
			d.refuse(rows[lo], fault)
			return nil
		}
		at, known := faultyRow(fault)
		if !known || lo+at >= hi {
			at = (hi - lo) / 2
			if err := d.putSome(ctx, rows, lo, lo+at); err != nil {
				return err
			}
			lo += at
			continue
		}
		if err := d.putSome(ctx, rows, lo, lo+at); err != nil {
			return err
		}
		if err := d.putSome(ctx, rows, lo+at, lo+at+1); err != nil {
			return err
		}
		lo += at + 1
	}
	return nil
}

// trySome puts in the rows lo to hi behind a savepoint.
func (d *DB) trySome(ctx context.Context, rows []*pipeline.Record, lo, hi int) error {
	// Rows are counted among the live ones, and some before lo may be dead by now.
	dead := 0
	for _, r := range rows[:lo] {
		if !r.Live() {
			dead++
		}
	}
	d.streamRows(lo-dead, hi-dead)
	if err := d.copyParts(ctx, savepoint+"; "+d.sql.copyRows); err != nil {
		return err
	}
	return execute(ctx, d.conn, releaseSavepoint)
}

// faultyRow returns which row of a COPY the server complains of, from 0, as it
// says where the error occurred: "COPY events, line 3". nil complains of none.
func faultyRow(err *pgconn.PgError) (row int, ok bool) {
	if err == nil {
		return 0, false
	}
	for line := range strings.Lines(err.Where) {
		rest, ok := strings.CutPrefix(line, "COPY ")
		if !ok {
			continue
		}
		_, number, ok := strings.Cut(rest, ", line ")
		if !ok {
			continue
		}
		end := strings.IndexFunc(number, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(number)
		}
		n, failed := strconv.Atoi(number[:end])
		return n - 1, failed == nil && n > 0
	}
	return 0, false
}

// refuse makes a record a dead letter whose row the table did not take.
func (d *DB) refuse(r *pipeline.Record, err *pgconn.PgError) {
	code := pipeline.CodeConstraint
	if strings.HasPrefix(err.Code, "22") {
		code = pipeline.CodeColumnType
	}
	message := fmt.Sprintf("table %s refuses the row: %s", d.rows.name, err.Message)
	if err.Detail != "" {
		message += ": " + err.Detail
	}
	r.Reject(&pipeline.RecordError{Stage: "persist", Code: code, Err: err, Message: message})
}
