package sqlite

import (
	"context"
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/crash"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/row"
)

// Write implements pipeline.Sink: one transaction for the group. After an
// error it is rolled back. One that passes, as passing has it, is a Transient;
// dead letters that are in a file by then do not come there again. After an error from
// the COMMIT itself the progress that the database has decides whether the group
// is in.
func (d *DB) Write(ctx context.Context, g *pipeline.Group) (settled bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	d.interruptOn(ctx)
	if err := d.put(ctx, g); err != nil {
		if err = d.fail(ctx, err); !pipeline.IsTransient(err) {
			d.rows.end()
		}
		return false, err
	}
	d.rows.stored()
	if d.cfg.DeadLetters != nil {
		d.cfg.DeadLetters.Done()
	}
	d.fence.Moved(g.Progress)
	for _, b := range g.Batches {
		if rows := row.Take(b); rows != nil {
			rows.Release()
		}
	}
	return true, nil
}

// put stores a group unless a COMMIT whose answer was lost has done so.
func (d *DB) put(ctx context.Context, g *pipeline.Group) error {
	if d.unsure {
		if stored, err := d.holds(g); stored || err != nil {
			return err
		}
	}
	if err := d.stays(); err != nil {
		return err
	}
	if err := d.log.keep(ctx); err != nil {
		return err
	}
	return d.transact(ctx, g)
}

// transact stores a group. Where a table does not leave the transaction
// as it was when it refuses a row (ON CONFLICT ROLLBACK or FAIL, RAISE in a
// trigger), the group begins anew without that row. Each time one more record is dead, so this ends.
func (d *DB) transact(ctx context.Context, g *pipeline.Group) error {
	d.rows.begin()
	for {
		err := d.attempt(ctx, g)
		if !errors.Is(err, errUndone) {
			return err
		}
		if err := d.undo(); err != nil {
			return err
		}
		d.rows.again()
	}
}

func (d *DB) attempt(ctx context.Context, g *pipeline.Group) error {
	if err := d.start(ctx, writeTimeout); err != nil {
		return err
	}
	if err := d.suit(); err != nil {
		return err
	}
	if err := d.store(g); err != nil {
		return err
	}
	return d.end(g)
}

// fail rolls back after a failure and says what happened.
func (d *DB) fail(ctx context.Context, err error) error {
	d.interruptOn(context.Background()) // or it would interrupt the ROLLBACK
	passes := passing(err)
	err = explain(err, d.cfg.Path)
	undone := d.undo()
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%w: %w", cause, errors.Join(err, undone))
	}
	if passes && undone == nil {
		return pipeline.Transient(err)
	}
	return errors.Join(err, undone)
}

// Flush implements pipeline.Sink. What Write stored is durable already.
func (d *DB) Flush(context.Context) error { return nil }

func (d *DB) store(g *pipeline.Group) error {
	if err := d.claim(g.Batches); err != nil {
		return err
	}
	for _, b := range g.Batches {
		if err := d.rows.add(b); err != nil {
			return err
		}
		crash.After(crash.Rows)
	}
	if err := d.rows.flush(); err != nil {
		return err
	}
	crash.Before(crash.Progress)
	for i := range g.Progress {
		if err := d.moves.move(d, &g.Progress[i]); err != nil {
			return err
		}
	}
	// After the moves: rows that another process put in from the same source are in the
	// way of these, and no letter may say so in a file when this group is refused.
	crash.Before(crash.Dead)
	return d.storeDead(g.Batches)
}

func (d *DB) storeDead(batches []*pipeline.Batch) error {
	if file := d.cfg.DeadLetters; file != nil {
		return errors.Join(file.Write(batches), file.Sync())
	}
	now := d.cfg.Now()
	for _, b := range batches {
		if b.Replayed() {
			if err := d.settleLetters(b); err != nil {
				return err
			}
			continue
		}
		for r := range b.DeadRecords() {
			if err := d.insertDead(deadletter.Of(r, now)); err != nil {
				return fmt.Errorf("store dead letter: %w", err)
			}
		}
	}
	return nil
}

func (d *DB) insertDead(l deadletter.Letter) error {
	s := d.dead
	s.BindText(1, l.Stage)
	s.BindText(2, l.Code)
	s.BindText(3, l.Pointer)
	s.BindText(4, l.Message)
	s.BindInt64(5, int64(l.Attempts))
	s.BindText(6, l.Lane)
	s.BindText(7, l.Source)
	s.BindInt64(8, l.Position)
	s.BindText(9, l.At)
	s.BindText(10, l.Record)
	bindOptional(s, 11, l.Encoding)
	bindOptional(s, 12, l.Errors)
	s.BindText(13, d.cfg.Table)
	if len(l.Record) > bytesAtOnce {
		defer s.ClearBindings()
	}
	return run(s)
}

// bindOptional binds a text, NULL for an empty one.
func bindOptional(s *sqlite.Stmt, param int, text string) {
	if text == "" {
		s.BindNull(param)
	} else {
		s.BindText(param, text)
	}
}

// interruptOn has the end of ctx interrupt what the connection does. Setting
// it starts a goroutine, so it is done only for another context.
func (d *DB) interruptOn(ctx context.Context) {
	if done := ctx.Done(); done != d.done {
		d.conn.SetInterrupt(done)
		d.done = done
	}
}
