package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// defaultSilence is how long the server may be at a group before it is asked on
// another connection whether it is; so it is again and again.
const defaultSilence = 30 * time.Second

// silentError says that an answer is waited for in vain.
type silentError struct{ why string }

func (e *silentError) Error() string {
	return "the server does not answer, and " + e.why + "; the connection is given up and made anew"
}

// watch returns a context that ends when the server is found not to be at the
// group any more. A server that works is left alone, however long it takes. stop
// ends the watch and returns the *silentError if there was one.
func (d *DB) watch(outer context.Context) (ctx context.Context, stop func() error) {
	ctx, cancel := context.WithCancelCause(outer)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(d.silence)
		defer tick.Stop()
		for before := ""; ; {
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
			waiting, err := d.probe(ctx)
			switch {
			case err != nil:
				cancel(err)
			case waiting != "" && waiting == before:
				cancel(&silentError{"it waits for something to be sent itself: the connection lost what was sent on it"})
			}
			before = waiting
		}
	})
	return ctx, func() error {
		cancel(nil)
		wg.Wait()
		if silent, ok := errors.AsType[*silentError](context.Cause(ctx)); ok {
			return silent
		}
		return nil
	}
}

// probe asks on a connection of its own what the server is at. When it waits for
// this process, waiting says where in the talk the two are: the same twice means
// that nothing moves. An error says that there is no server, or that it knows
// nothing of the connection. Whatever else goes wrong says nothing.
func (d *DB) probe(ctx context.Context) (waiting string, err error) {
	pid, sent := d.backend.Load(), d.sent.Load()
	settings, err := parseURL(d.cfg.URL)
	if err != nil || pid == 0 { // connecting has a limit of its own
		return "", nil
	}
	conn, err := pgconn.ConnectConfig(ctx, settings)
	if err != nil {
		if _, answered := errors.AsType[*pgconn.PgError](err); answered || ctx.Err() != nil {
			return "", nil
		}
		return "", &silentError{fmt.Sprintf("does not take another connection either (%v)", err)}
	}
	ctx, cancel := context.WithTimeout(ctx, settings.ConnectTimeout) // a pooler may keep it waiting
	defer cancel()
	defer conn.Close(ctx) // nothing is lost with it
	rows, err := query(ctx, conn, `SELECT state_change FROM pg_stat_activity WHERE pid = $1 AND (state LIKE 'idle%' OR wait_event = 'ClientRead')
		UNION ALL SELECT NULL FROM pg_stat_activity WHERE pid = $1`, fmt.Sprint(pid))
	switch {
	case err != nil:
		return "", nil
	case len(rows) > 0 && rows[0][0] != "":
		return fmt.Sprint(rows[0][0], sent), nil
	case len(rows) > 0:
		return "", nil
	case d.backend.Load() != pid || manyHosts(settings): // it may be another server that was asked
		return "", nil
	}
	return "", &silentError{"has ended this connection, which was not heard of here"}
}

// manyHosts says whether a connection may be to one server or another.
func manyHosts(c *pgconn.Config) bool {
	return slices.ContainsFunc(c.Fallbacks, func(f *pgconn.FallbackConfig) bool { return f.Host != c.Host || f.Port != c.Port })
}
