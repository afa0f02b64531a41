package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/row"
)

// Write implements pipeline.Sink: one transaction for the group. After an
// error it is rolled back. A lock that another process holds is a Transient one;
// dead letters that go to a file may come there again then. An error from the
// COMMIT itself leaves the outcome unknown until the progress is read again.
func (d *DB) Write(ctx context.Context, g *pipeline.Group) (settled bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	d.interruptOn(ctx)
	if err := d.transact(ctx, g); err != nil {
		if err = d.giveUp(ctx, err); !pipeline.IsTransient(err) {
			d.rows.end()
		}
		return false, err
	}
	d.rows.end()
	d.fence.Moved(g.Progress)
	for _, b := range g.Batches {
		if rows := row.Take(b); rows != nil {
			rows.Release()
		}
	}
	return true, nil
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
	if err := d.store(g); err != nil {
		return err
	}
	return run(d.commit)
}

// giveUp rolls back after a failure and says what happened.
func (d *DB) giveUp(ctx context.Context, err error) error {
	d.interruptOn(context.Background()) // or it would interrupt the ROLLBACK
	locked := isLocked(err)
	err = explain(err, d.cfg.Path)
	undone := d.undo()
	if cause := context.Cause(ctx); cause != nil {
		return fmt.Errorf("%w: %w", cause, errors.Join(err, undone))
	}
	if locked && undone == nil {
		return pipeline.Transient(err)
	}
	return errors.Join(err, undone)
}

// Flush implements pipeline.Sink. What Write stored is durable already.
func (d *DB) Flush(context.Context) error { return nil }

func (d *DB) store(g *pipeline.Group) error {
	for _, b := range g.Batches {
		if err := d.rows.add(b); err != nil {
			return err
		}
	}
	if err := d.rows.flush(); err != nil {
		return err
	}
	if err := d.storeDead(g.Batches); err != nil {
		return err
	}
	for i := range g.Progress {
		if err := d.moves.move(d, &g.Progress[i]); err != nil {
			return err
		}
	}
	return nil
}

func (d *DB) storeDead(batches []*pipeline.Batch) error {
	if file := d.cfg.DeadLetters; file != nil {
		return errors.Join(file.Write(batches), file.Sync())
	}
	now := d.cfg.Now()
	for _, b := range batches {
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

// prepareTransactions prepares what begins and ends a transaction.
func (d *DB) prepareTransactions() (err error) {
	for sql, stmt := range map[string]**sqlite.Stmt{"BEGIN IMMEDIATE": &d.begin, "COMMIT": &d.commit, "ROLLBACK": &d.rollback} {
		if *stmt, err = d.conn.Prepare(sql); err != nil {
			return err
		}
	}
	return nil
}

// start takes the write lock, so that nothing later waits for one.
func (d *DB) start(ctx context.Context, limit time.Duration) error {
	return whileBusy(ctx, limit, func() error { return run(d.begin) })
}

// undo rolls back what is open; SQLite does so itself after some errors.
func (d *DB) undo() error {
	if d.conn.AutocommitEnabled() {
		return nil
	}
	return run(d.rollback)
}

// interruptOn has the end of ctx interrupt what the connection does. Setting
// it starts a goroutine, so it is done only for another context.
func (d *DB) interruptOn(ctx context.Context) {
	if done := ctx.Done(); done != d.done {
		d.conn.SetInterrupt(done)
		d.done = done
	}
}

// run steps a statement without result and makes it ready for the next time.
func run(s *sqlite.Stmt) error {
	if _, err := s.Step(); err != nil {
		return err
	}
	return s.Reset()
}
