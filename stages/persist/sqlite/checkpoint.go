package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"

	"zombiezen.com/go/sqlite"

	"sluice/stages/crash"
)

// logBounds is how far the log may grow beyond the size at which a checkpoint
// is due before the writer waits for it, in the same unit.
const logBounds = 3

// checkpointer carries the log over to the database on a connection of its own,
// beside the writer. One checkpoint takes several passes: while one is under way
// the writer goes on, and the next takes what it has written meanwhile. When
// another pass would leave no less, the writer stands still for the last one,
// which is short, and the log starts anew with the next transaction. Used by the
// writer's goroutine; the passes have one, which the writer or close joins.
type checkpointer struct {
	conn    *sqlite.Conn
	passive *sqlite.Stmt
	log     string // path of the log's file
	every   int64  // bytes that the log grows by until a checkpoint is due

	next     int64      // size of the log's file beyond which one is due
	passes   chan error // the passes under way; nil for none
	finished int64      // the file's size when all was carried over, until the next look
	failed   bool       // the last pass failed

	held <-chan struct{} // for tests: the passes begin when it is closed; nil for at once
}

// newCheckpointer opens the connection. What it syncs is the connection's own
// setting, so it must be the writer's.
func newCheckpointer(ctx context.Context, path, synchronous string, every int64) (_ *checkpointer, err error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return nil, err
	}
	c := &checkpointer{conn: conn, every: every, next: every}
	defer func() {
		if err != nil {
			err = errors.Join(err, conn.Close())
		}
	}()
	conn.SetBusyTimeout(busyPause)
	if c.log, err = logOf(conn); err != nil {
		return nil, err
	}
	err = whileBusy(ctx, busyTimeout, func() error { return query(conn, "PRAGMA synchronous = "+synchronous, nil) })
	if err != nil {
		return nil, err
	}
	if c.passive, err = conn.Prepare("PRAGMA wal_checkpoint(PASSIVE)"); err != nil {
		return nil, err
	}
	return c, nil
}

// logOf returns the path of the log's file. It is beside the database itself, wherever
// the link lies by which that was opened.
func logOf(conn *sqlite.Conn) (path string, err error) {
	err = query(conn, `SELECT file FROM pragma_database_list WHERE name = 'main'`, func(s *sqlite.Stmt) error {
		path = s.ColumnText(0) + "-wal"
		return nil
	})
	return path, err
}

// size returns that of the log's file, 0 when there is none. When the log
// starts anew its file is cut to every bytes, so what lies beyond is in use.
func (c *checkpointer) size() int64 {
	info, err := os.Stat(c.log)
	if err != nil {
		return 0
	}
	return info.Size()
}

// keep is called between two transactions. It starts the passes when the log
// has grown enough, and takes the last one when they have ended. It waits for
// them only where the log would outgrow its bound.
func (c *checkpointer) keep(ctx context.Context) error {
	if c.failed {
		return c.finish()
	}
	size := c.size()
	if c.finished > 0 {
		if size >= c.finished { // the log goes on: somebody reads it
			c.next = size + c.every
		}
		c.finished = 0
	}
	if c.passes == nil {
		if size > c.next {
			c.start()
		}
		return nil
	}
	if size <= c.next+logBounds*c.every {
		select {
		case <-c.passes:
			return c.finish()
		default:
			return nil
		}
	}
	select {
	case <-c.passes:
		return c.finish()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (c *checkpointer) start() {
	done := make(chan error, 1)
	c.passes = done
	go func() {
		if c.held != nil {
			<-c.held
		}
		done <- c.shrink()
	}()
}

// shrink takes passes for as long as each leaves less to the next.
func (c *checkpointer) shrink() error {
	for left := int64(math.MaxInt64); ; {
		before := c.size()
		if _, err := c.pass(); err != nil {
			return err // the last pass will meet it again, and say so
		}
		grown := c.size() - before
		if grown == 0 || grown > left/2 {
			return nil
		}
		left = grown
	}
}

// finish takes the last pass, while nothing is written.
func (c *checkpointer) finish() error {
	c.passes = nil
	size := c.size()
	all, err := c.pass()
	c.failed = err != nil
	switch {
	case err != nil:
		return fmt.Errorf("carry the log over to the database: %w", err)
	case all:
		c.next, c.finished = c.every, size
	default: // a reader needs what is in the log
		c.next = size + c.every
	}
	return nil
}

// pass carries over what is in the log and no reader needs, and says whether
// that was all. It waits for nobody.
func (c *checkpointer) pass() (all bool, err error) {
	crash.Before(crash.Checkpoint)
	if _, err := c.passive.Step(); err != nil {
		return false, errors.Join(err, c.passive.Reset())
	}
	crash.After(crash.Checkpoint)
	busy, log, carried := c.passive.ColumnInt(0), c.passive.ColumnInt(1), c.passive.ColumnInt(2)
	return busy == 0 && log == carried, c.passive.Reset()
}

// close joins the passes and closes the connection.
func (c *checkpointer) close() error {
	if c.passes != nil {
		<-c.passes
	}
	return c.conn.Close()
}
