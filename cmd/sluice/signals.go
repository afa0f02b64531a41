package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/dustin/go-humanize"
	"github.com/sourcegraph/conc"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
)

// onSignals makes the first SIGINT or SIGTERM end the returned context with
// pipeline.ErrStopped, and the second abort the run. From then on a signal has
// its usual effect again. stop ends the watch and joins it.
func onSignals(ctx context.Context, run *pipeline.Pipeline, drain config.Duration, console *summary.Console) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	var crew conc.WaitGroup
	crew.Go(func() {
		defer signal.Stop(signals)
		select {
		case s := <-signals:
			console.Notef("sluice: %v: reading no more; finishing %s records in flight, for at most %v; a second signal ends it at once",
				s, humanize.Comma(run.Status().Ledger.InFlight), drain)
			cancel(pipeline.ErrStopped)
		case <-done:
			return
		}
		select {
		case s := <-signals:
			console.Notef("sluice: %v again: ending at once, leaving %s records", s, humanize.Comma(run.Status().Ledger.InFlight))
			run.Abort(fmt.Errorf("second signal (%v)", s))
		case <-done:
		}
	})
	return ctx, func() {
		close(done)
		crew.Wait()
		cancel(nil)
	}
}
