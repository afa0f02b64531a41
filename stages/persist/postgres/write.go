package postgres

import (
	"context"
	"errors"
	"fmt"

	"sluice/pipeline"
	"sluice/stages/crash"
)

// Write implements pipeline.Sink: one transaction for the group. An error that
// is transient says that the same group is to be written again: nothing of it
// is stored, or the next Write will find out that all of it is.
func (d *DB) Write(ctx context.Context, g *pipeline.Group) (settled bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	d.batches = g.Batches
	defer func() { d.batches = nil }()
	if !d.encoded() {
		return false, errNotEncoded
	}
	watched, stop := d.watch(ctx)
	err = d.store(watched, g)
	if silent := stop(); err != nil && silent != nil {
		err = silent
	}
	if err != nil {
		return false, cancelled(ctx, explain(err, d.place))
	}
	d.lost = nil
	for _, r := range d.passed {
		r.Filter()
	}
	clear(d.passed) // they keep the batch's memory
	d.passed = d.passed[:0]
	if d.cfg.DeadLetters != nil {
		d.cfg.DeadLetters.Done()
	}
	d.fence.Moved(g.Progress)
	for _, b := range g.Batches {
		if t := take(b); t != nil {
			t.release()
		}
	}
	return true, nil
}

// GroupSize implements pipeline.GroupSizer. A server does nothing else while it syncs
// the COMMIT of its only client, which takes as long as some thousand rows; a group
// of this size takes about 100 ms.
func (d *DB) GroupSize() (records int, bytes int64) { return 16384, 32 << 20 }

// Flush implements pipeline.Sink. What Write stored is durable already.
func (d *DB) Flush(context.Context) error { return nil }

// encoded says whether every live record of the group has a row.
func (d *DB) encoded() bool {
	for _, b := range d.batches {
		rows := 0
		if t, ok := b.Payload.(*tuples); ok {
			for _, r := range t.records {
				if r.Live() {
					rows++
				}
			}
		}
		if rows != b.Live() {
			return false
		}
	}
	return true
}

// maxChanges is how often a group begins anew because somebody changes the
// table at that moment.
const maxChanges = 3

// store sees to it that the group is stored.
func (d *DB) store(ctx context.Context, g *pipeline.Group) error {
	careful := false
	for changes := 0; ; {
		if err := d.ready(ctx); err != nil {
			return err
		}
		if stored, err := d.wasStored(ctx); stored || err != nil {
			return err
		}
		d.suit()
		err := d.attempt(ctx, g, careful)
		if err == nil {
			return nil
		}
		undone := d.undo(ctx)
		err = d.locked(ctx, err)
		switch {
		case isOutdated(err) && changes < maxChanges:
			changes++
		case (isRefused(err) || errors.Is(err, errUntold)) && !careful:
			careful = true
		default:
			return err
		}
		if undone != nil {
			return undone
		}
	}
}

// suit encodes again what was encoded for a table that has changed since.
func (d *DB) suit() {
	for _, b := range d.batches {
		if t, ok := b.Payload.(*tuples); ok && !t.plan.same(d.plan) {
			encodeAgain(b, t, d.plan)
		}
	}
}

// undo rolls back what is open and has the tables looked at again. A
// connection that does not do so is given up: the server rolls back then.
func (d *DB) undo(ctx context.Context) error {
	d.checked = false
	if d.conn.IsClosed() || d.conn.TxStatus() == 'I' {
		return nil
	}
	err := execute(ctx, d.conn, "ROLLBACK")
	if err != nil {
		d.disconnect()
	}
	return err
}

// refusedError says that the server refuses a row of the group, or more.
type refusedError struct{ err error }

func (e *refusedError) Error() string { return e.err.Error() }
func (e *refusedError) Unwrap() error { return e.err }

func isRefused(err error) bool {
	_, ok := errors.AsType[*refusedError](err)
	return ok
}

// attempt is one transaction with the group. When it is careful, rows that the
// table refuses become dead letters; otherwise they are a refusedError.
func (d *DB) attempt(ctx context.Context, g *pipeline.Group, careful bool) error {
	d.passed = d.passed[:0]
	put := d.putAll
	if careful {
		put = d.putCarefully
	}
	begin, err := d.claim(ctx)
	if err != nil {
		return err
	}
	crash.Before(crash.Rows)
	if err := put(ctx, begin); err != nil {
		return err
	}
	crash.After(crash.Rows)
	if err := d.settleLetters(ctx); err != nil {
		return err
	}
	crash.Before(crash.Progress)
	r, err := d.move(ctx, g)
	if err != nil {
		return err
	}
	// After the move: rows that another process put in from the same source are in the
	// way of these, and no letter may say so in a file when this group is refused.
	crash.Before(crash.Dead)
	if err := d.storeDead(ctx); err != nil {
		return err
	}
	return d.commit(ctx, r)
}

// putAll puts in all rows; begin stands before the first statement.
func (d *DB) putAll(ctx context.Context, begin string) error {
	rows := 0
	for _, b := range d.batches {
		rows += b.Live()
	}
	if rows == 0 {
		return execute(ctx, d.conn, begin)
	}
	if d.plan.keyed && !d.rows.tells() && d.supersede() > 0 {
		d.streamLatest()
	} else {
		d.streamRows(0, rows)
	}
	var records []*pipeline.Record
	if d.rows.tells() {
		// A row that is refused at the COMMIT only could be in the way of another now.
		begin += immediately
		records = d.liveRecords()
	}
	err := d.put(ctx, begin, records)
	if refusal(err) != nil {
		return &refusedError{err}
	}
	return err
}

// immediately has constraints checked with each statement.
const immediately = "SET CONSTRAINTS ALL IMMEDIATE; "

// put puts in the rows among the parts, which are those of records where the
// table tells, and executes before what stands before.
func (d *DB) put(ctx context.Context, before string, records []*pipeline.Record) error {
	if err := d.copyParts(ctx, before+d.sql.copyRows); err != nil {
		return err
	}
	if d.sql.upsert == "" {
		return nil
	}
	crash.Before(crash.Upsert)
	err := d.putArrivals(ctx, records)
	crash.After(crash.Upsert)
	return err
}

// commit ends the transaction. An error that is no answer of the server, or its
// last one, leaves the outcome unknown: the receipt is kept.
func (d *DB) commit(ctx context.Context, r *receipt) error {
	crash.Before(crash.Commit)
	reading := d.conn.Exec(ctx, "COMMIT")
	crash.Before(crash.Answer)
	results, err := reading.ReadAll()
	crash.After(crash.Commit)
	err = broken(err)
	if isUnknown(err) {
		d.lost = r
		return fmt.Errorf("commit: %w", err)
	}
	switch {
	case refusal(err) != nil: // a constraint that is checked at the end
		return &refusedError{err}
	case err != nil:
		return fmt.Errorf("commit: %w", err)
	case len(results) != 1 || results[0].CommandTag.String() != "COMMIT":
		return fmt.Errorf("commit: %w", errRolledBack)
	}
	return nil
}
