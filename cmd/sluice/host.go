package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/sourcegraph/conc"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/control"
	"sluice/control/api"
	"sluice/pipeline"
	"sluice/stages/ingest"
	"sluice/stages/persist"
	"sluice/telemetry"
)

// host is what sluice run and sluice serve have in common: a control loop with
// its runs, the control API, metrics and signals.
type host struct {
	*plan
	console *summary.Console
	once    bool       // one run, which ends the process
	quiet   bool       // no control API whatever the configuration says
	poster  api.Poster // nil where no records come in over HTTP
	memory  int64      // bytes that records may take beside the budget
	// opened and ended are called for each run, one after the other; the job is
	// nil for a run that could not be opened.
	opened func(*job)
	ended  func(*job, pipeline.Status, error)

	// What follows is set's.
	instance   string
	metrics    *telemetry.Telemetry
	listener   net.Listener // nil for no control API
	controller *control.Controller
	letters    *letterDesk
	job        *job                          // of the run, nil when it could not be opened; its goroutine's
	unfollow   func()                        // ends the metrics' view of the run; its goroutine's
	following  atomic.Pointer[ingest.Follow] // of the run, nil for none
	size       atomic.Int64                  // of the run's input in bytes, -1 while unknown
}

// set makes what outlives a run; run gives it back.
func (h *host) set(ctx context.Context) (err error) {
	// With a configuration that is wrong nothing is opened, and the stages are
	// made only to tell what else is wrong.
	again := *h.loaded
	checkControl(&again)
	if again.Err() != nil {
		_, err := build(&again, h.stdout, h.warn)
		return err
	}
	h.instance = instance()
	h.size.Store(-1)
	if err := h.listen(); err != nil {
		return err
	}
	h.metrics, err = telemetry.New(ctx, telemetry.Config{
		Instance: h.instance,
		Version:  buildVersion(),
		Console:  h.stderr,
		Warn:     h.warn,
		SourceSize: func() (int64, bool) {
			n := h.size.Load()
			return n, n >= 0
		},
		SourceLag: func() (int64, bool) {
			follow := h.following.Load()
			if follow == nil {
				return 0, false
			}
			return follow.Status().Lag, true
		},
	})
	if err != nil {
		return errors.Join(config.Problems{{Origin: "environment", Message: err.Error()}}, h.closeListener())
	}
	h.observer = h.metrics.Observer()
	h.onWait = h.tellWait
	h.letters = &letterDesk{loaded: h.loaded}
	h.controller = control.New(control.Config{
		Open: h.openRun, OnEnd: h.runEnded, Instance: h.instance, Version: buildVersion(), Once: h.once,
		DeadLetters: persist.LettersID(persistConfig(h.loaded)),
	})
	return nil
}

// run runs the control loop until ctx ends or, with once, until the run does. It
// returns what Loop returns. begin, when set, is called beside the loop.
func (h *host) run(ctx context.Context, begin func(context.Context) error) (err error) {
	inHeap := int64(h.loaded.Budget) + h.memory + h.loaded.Validation.CheckMemory()
	defer h.limitMemory(inHeap, persist.Config{Sink: h.loaded.Persistence.Sink}.Outside())()
	var crew conc.WaitGroup
	stopServing, err := h.serveAPI(&crew)
	if err != nil {
		return errors.Join(err, h.closeListener())
	}
	ctx, unwatch := onSignals(ctx, h.controller, h.loaded.DrainTimeout, h.console)
	defer unwatch()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var beginErr error
	if begin != nil {
		crew.Go(func() {
			if beginErr = begin(ctx); beginErr != nil {
				cancel(beginErr)
			}
		})
	}
	err = h.controller.Loop(ctx)
	stopServing()
	crew.Wait()
	if told := h.metrics.Shutdown(context.WithoutCancel(ctx)); told != nil {
		h.warn(told.Error() + "; records are not affected")
	}
	if beginErr != nil {
		return beginErr
	}
	return err
}

// openRun opens a run for the control loop.
func (h *host) openRun(ctx context.Context) (*control.Run, error) {
	h.job = nil
	j, err := h.open(ctx)
	if err != nil {
		return nil, err
	}
	h.job = j
	_, size := j.source.Progress()
	h.size.Store(size)
	h.unfollow = h.metrics.Follow(j.pipeline)
	h.opened(j)
	run := &control.Run{Pipeline: j.pipeline, Source: &withReplays{j.source, h.letters}, Followed: followedOf(j.source), Close: j.close}
	h.following.Store(followOf(j.source))
	if s, ok := j.source.(interface{ Ready() <-chan struct{} }); ok {
		run.Ready = s.Ready()
	}
	return run, nil
}

// runEnded is told by the control loop how a run went.
func (h *host) runEnded(s pipeline.Status, err error) {
	if h.job != nil {
		h.unfollow()
	}
	h.ended(h.job, s, err)
}

// tellWait tells what the sink waits for, and when it waits no more.
func (h *host) tellWait(err error) {
	if err == nil {
		h.console.Notef("sluice: the sink takes records again")
		return
	}
	h.warn("the sink takes no records, and is tried again until it does: " + config.Redact(err.Error()))
}

// ledgerError says that a run's account does not add up.
func ledgerError(l pipeline.Ledger) error {
	if l.Closes() {
		return nil
	}
	return fmt.Errorf("the ledger does not close: %+v; this is a bug in sluice", l.Counts)
}

// accounted adds to the engine's error what its ledger says: that it does not add
// up, or that records were left.
func accounted(l pipeline.Ledger, err error) error {
	switch open := ledgerError(l); {
	case open != nil:
		return errors.Join(err, open)
	case l.Left > 0 && err != nil:
		return &leftError{records: l.Left, err: err}
	}
	return err
}
