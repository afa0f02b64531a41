//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"sluice/stages/persist/postgrestest"
)

// unmoved is how long a run is waited for that stores nothing.
const unmoved = 3 * time.Second

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
	t.note("to go on, %s: %s", t.now, c)
	if err != nil {
		return false, err
	}
	return t.settle(c)
}

// outage stops the server at once while the run stores, and starts it again,
// at once or when the run has waited for it. Some runs are killed while they wait.
func (t *trial) outage(c *child) error {
	moved, err := t.awaitProgress(c)
	if !moved || err != nil {
		return err
	}
	time.Sleep(time.Duration(t.rng.IntN(20)) * time.Millisecond)
	t.note("the server is stopped at once")
	t.events["the server was stopped at once and started"]++
	if err := t.server.Stop(postgrestest.Immediate); err != nil {
		return err
	}
	if t.rng.IntN(2) == 0 {
		time.Sleep(time.Duration(t.rng.IntN(400)) * time.Millisecond)
		if t.rng.IntN(2) == 0 {
			t.note("and the run is killed while it waits")
			t.events["a run was killed while it waited for the server"]++
			c.kill()
		}
	}
	return t.server.Start()
}

// absent starts a run while the server is away. That ends with an error, and
// the next run goes on.
func (t *trial) absent() (bool, error) {
	if err := t.server.Stop(postgrestest.Immediate); err != nil {
		return false, err
	}
	c, err := t.start("")
	if err == nil {
		c.killAfter(patience)
		t.note("while the server is away: %s", c)
		t.events["a run was started while the server was away"]++
		if c.code() != 1 {
			err = fmt.Errorf("a run whose server is away: %s; expected exit 1", c)
		}
	}
	return false, errors.Join(err, t.server.Start())
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
		t.events["a connection was cut at a COMMIT"]++
		t.server.proxy.Next(cut)
	}
	return nil
}

// awaitProgress waits until the run has stored something: what fails before is
// an error of the start, and ends it. It returns false when the run ends, or
// stores nothing for long.
func (t *trial) awaitProgress(c *child) (moved bool, err error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, t.target.(*postgresSink).address)
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	first := version(ctx, conn)
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for limit := time.Now().Add(unmoved); version(ctx, conn) == first; {
		select {
		case <-c.ended:
			return false, nil
		case <-poll.C:
		}
		if time.Now().After(limit) {
			return false, nil
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

// finishRun runs until the end of the input; a PostgreSQL may fail meanwhile, and
// the run has to outlive that.
func (t *trial) finishRun() error {
	for range 5 {
		if err := t.configure(); err != nil {
			return err
		}
		disturb := func(*child) error { return nil }
		if t.server != nil {
			disturb = []func(*child) error{disturb, t.outage, t.cuts}[t.rng.IntN(3)]
		}
		over, err := t.disturbed(disturb, patience)
		if over || err != nil {
			return err
		}
	}
	return errors.New("the run was refused again and again")
}
