package sqlite

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/crash"
)

// prepareTransactions prepares what begins and ends a transaction.
func (d *DB) prepareTransactions() (err error) {
	for sql, stmt := range map[string]**sqlite.Stmt{
		"BEGIN IMMEDIATE": &d.begin, "COMMIT": &d.commit, "ROLLBACK": &d.rollback, "PRAGMA schema_version": &d.schema,
	} {
		if *stmt, err = d.conn.Prepare(sql); err != nil {
			return err
		}
	}
	return nil
}

// start takes the write lock, so that nothing later waits for one.
func (d *DB) start(ctx context.Context, limit time.Duration) error {
	return whileBusy(ctx, limit, func() error { return d.run(opBegin, d.begin) })
}

// end commits. An error that says nothing of the outcome is none when the
// database has the group.
func (d *DB) end(g *pipeline.Group) error {
	err := d.run(opCommit, d.commit)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("commit: %w", err)
	d.interruptOn(context.Background()) // or it would interrupt what follows
	if undone := d.undo(); undone != nil {
		return fmt.Errorf("%w: %w", err, undone)
	}
	d.unsure = true
	stored, look := d.holds(g)
	if look != nil {
		return fmt.Errorf("%w: %w", err, look)
	}
	if stored {
		return nil
	}
	return err
}

// holds says whether the database has the group whose COMMIT failed, by the
// progress of one of its sources. A group that moves none has no position; SQLite
// says of a COMMIT that fails that it did nothing, and that is taken at its word.
func (d *DB) holds(g *pipeline.Group) (bool, error) {
	if len(g.Progress) == 0 {
		d.unsure = false
		return false, nil
	}
	var all []pipeline.Progress
	err := d.cfg.faults.around(opLook, func() (err error) {
		all, err = d.moves.all(d.conn, d.cfg.Table)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("read the progress back: %w", err)
	}
	d.unsure = false
	want := &g.Progress[0]
	for i := range all {
		if p := &all[i]; p.Source == want.Source {
			// Another process may have moved it to the same version, but not to the same place.
			return p.Version == d.fence.Last(want)+1 && p.Lanes == want.Lanes && p.Frontier == want.Frontier, nil
		}
	}
	return false, nil
}

// undo rolls back what is open; SQLite does so itself after some errors.
func (d *DB) undo() error {
	if d.conn.AutocommitEnabled() {
		return nil
	}
	return d.run(opRollback, d.rollback)
}

// run is run for an operation that tests may fail.
func (d *DB) run(operation string, s *sqlite.Stmt) error {
	return d.cfg.faults.around(operation, func() error {
		crash.Before(crash.Instant(operation))
		err := run(s)
		crash.After(crash.Instant(operation))
		return err
	})
}

// run steps a statement without result and makes it ready for the next time.
func run(s *sqlite.Stmt) error {
	if _, err := s.Step(); err != nil {
		return err
	}
	return s.Reset()
}
