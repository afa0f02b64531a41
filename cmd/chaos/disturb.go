//go:build unix

package main

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/stages/persist/postgrestest"
)

// disturbed does a run whose database is disturbed meanwhile, and kills it
// after some time from then.
func (t *trial) disturbed(disturb func(*child) error, kill time.Duration) (bool, error) {
	c, err := t.start("")
	if err != nil {
		return false, err
	}
	err = disturb(c)
	c.killAfter(kill)
	if t.server != nil {
		t.server.proxy.Next(postgrestest.CutNothing) // the next run has to start first
	}
	t.note("to go on, %+v: %s", t.now, c)
	if err != nil {
		return false, err
	}
	return t.settle(c)
}

// outage stops the server at once while the run stores, and starts it again.
func (t *trial) outage(c *child) error {
	moved, err := t.awaitProgress(c)
	if !moved || err != nil {
		return err
	}
	time.Sleep(time.Duration(t.rng.IntN(20)) * time.Millisecond)
	t.note("the server is stopped at once")
	return errors.Join(t.server.Stop(postgrestest.Immediate), t.server.Start())
}

// cuts cuts connections at a COMMIT, one after another.
func (t *trial) cuts(c *child) error {
	for range 1 + t.rng.IntN(3) {
		moved, err := t.awaitProgress(c)
		if !moved || err != nil {
			return err
		}
		cut := []postgrestest.Cut{postgrestest.CutBefore, postgrestest.CutAfter, postgrestest.CutUnheard}[t.rng.IntN(3)]
		t.note("the connection is cut at the next COMMIT, way %d", cut)
		t.server.proxy.Next(cut)
	}
	return nil
}

// awaitProgress waits until the run has stored something: what fails before is
// an error of the start, and ends it. It returns false when the run ends.
func (t *trial) awaitProgress(c *child) (moved bool, err error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, t.sink.(*postgresSink).address)
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	first := version(ctx, conn)
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for version(ctx, conn) == first {
		select {
		case <-c.ended:
			return false, nil
		case <-poll.C:
		}
	}
	return true, nil
}

// version returns a number that grows with each group, 0 while there is no
// progress.
func version(ctx context.Context, conn *pgx.Conn) (n int64) {
	_ = conn.QueryRow(ctx, "SELECT coalesce(sum(version), 0)::bigint FROM sluice_progress").Scan(&n) // there may be no table yet
	return n
}
