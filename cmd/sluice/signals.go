package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/sourcegraph/conc"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/control"
	"sluice/pipeline"
)

// sameSignal is how soon after the first a signal is one with it: whoever signals
// a process and then its group, as timeout(1) does, means it once.
const sameSignal = 200 * time.Millisecond

// onSignals makes the first SIGINT, SIGTERM or SIGHUP end the returned context with
// pipeline.ErrStopped, and a second one abort the run. From then on a signal has
// its usual effect again. A terminal that is closed says SIGHUP more than once, so that
// one is never the second; where it is ignored, as under nohup, it stays so. stop
// ends the watch and joins it.
func onSignals(ctx context.Context, c *control.Controller, drain config.Duration, console *summary.Console) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	done := make(chan struct{})
	var crew conc.WaitGroup
	crew.Go(func() {
		defer signal.Stop(signals)
		select {
		case s := <-signals:
			console.Notef("sluice: %v: reading no more; finishing %s in flight, for at most %v; a second signal ends it at once",
				s, inFlight(c), drain)
			cancel(pipeline.ErrStopped)
		case <-done:
			return
		}
		for first := time.Now(); ; {
			select {
			case s := <-signals:
				if s == syscall.SIGHUP || time.Since(first) < sameSignal {
					continue
				}
				console.Notef("sluice: %v again: ending at once, leaving what is in flight", s)
				c.Abort(fmt.Errorf("second signal (%v)", s))
			case <-done:
			}
			return
		}
	})
	return ctx, func() {
		close(done)
		crew.Wait()
		cancel(nil)
	}
}

// inFlight says how many records are on their way. A loop that does not answer
// at once is not waited for.
func inFlight(c *control.Controller) string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	answer, err := c.Do(ctx, control.Query{})
	if err != nil {
		return "the records"
	}
	return humanize.Comma(answer.Status.Ledger.InFlight) + " records"
}
