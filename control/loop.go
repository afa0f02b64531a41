package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"sluice/pipeline"
)

// loop is the state of Controller.Loop. All of it belongs to that one
// goroutine; runs tell it what happens to them through events.
type loop struct {
	cfg     Config
	events  chan event
	crew    sync.WaitGroup // the goroutine of the run
	state   pipeline.State
	since   time.Time // of state
	runs    int64     // opened so far
	run     *current  // nil when there is none
	last    pipeline.Status
	result  error // of the last run, as it was returned
	failure error // of the last run, where that makes it failed
	samples samples

	lastError     string           // what the status says of the last run
	onOpen, onEnd []asker          // those who wait for it
	overdue       <-chan time.Time // fires when a stop's own budget is over
	overdueAfter  time.Duration
	quitting      bool // the loop ends when the run has
}

func newLoop(cfg Config) *loop {
	return &loop{
		cfg:    cfg,
		events: make(chan event),
		state:  pipeline.StateIdle,
		since:  time.Now(),
	}
}

// serve is the loop itself.
func (l *loop) serve(ctx context.Context, commands <-chan request, aborts <-chan error) error {
	if l.cfg.Once {
		l.start()
	}
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	quit := ctx.Done()
	for l.run != nil || !(l.quitting || l.cfg.Once) {
		select {
		case q := <-commands:
			q.command.do(l, q.to)
		case e := <-l.events:
			e.happen(l)
		case <-l.readiness():
			l.ready()
		case cause := <-aborts:
			l.abort(cause)
		case <-l.overdue:
			l.abort(fmt.Errorf("%w of %v", pipeline.ErrDrainTimeout, l.overdueAfter))
		case now := <-tick.C:
			l.sample(now)
		case <-quit:
			quit = nil
			l.quitting = true
			l.stop(StopDrain, 0)
		}
	}
	if l.cfg.Once {
		return l.result
	}
	return l.failure
}

// readiness is closed when a run that is awaited is ready.
func (l *loop) readiness() <-chan struct{} {
	if l.run == nil {
		return nil
	}
	return l.run.ready
}

func (l *loop) setState(s pipeline.State) {
	if l.state != s {
		l.state, l.since = s, time.Now()
	}
}

// answer says that the command is done.
func (l *loop) answer(to asker) { to.tell(Answer{Status: l.status()}) }

// answerStart answers at once when the run is ready or the asker will not wait.
func (l *loop) answerStart(c Start, to asker) {
	switch opening := l.run.pipeline == nil || l.run.ready != nil; {
	case opening && c.NoWait:
		to.tell(Answer{Status: l.status(), UnderWay: true})
	case opening:
		l.onOpen = append(l.onOpen, to)
	default:
		l.answer(to)
	}
}

// steer does something to the pipeline of a run that goes on.
func (l *loop) steer(to asker, what string, do func(*pipeline.Pipeline) error) {
	if err := l.steerable(what); err != nil {
		to.refuse(err)
		return
	}
	err := do(l.run.pipeline)
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		to.refuse(refused)
		return
	}
	if err != nil {
		to.refuse(&RefusedError{Kind: ErrConflict, Reason: err.Error(), Err: err})
		return
	}
	l.answer(to)
}

// steerable says why the pipeline cannot be steered now.
func (l *loop) steerable(what string) error {
	switch {
	case l.run == nil:
		return conflict("%s: there is no run (the state is %s); start one first", what, l.state)
	case l.run.stopping:
		return conflict("%s: the run is draining; wait until it has stopped and start another", what)
	case l.run.pipeline == nil:
		return conflict("%s: the run is being opened; ask again in a moment", what)
	}
	return nil
}

// steerStage is steer for one stage.
func (l *loop) steerStage(to asker, what, stage string, do func(*pipeline.Pipeline) error) {
	l.steer(to, what, func(p *pipeline.Pipeline) error {
		var names []string
		for _, s := range p.Status().Stages {
			if s.Name == stage {
				return do(p)
			}
			names = append(names, s.Name)
		}
		return &RefusedError{Kind: ErrNoStage, Reason: fmt.Sprintf("%s: there is no stage %q; expected %s", what, stage, strings.Join(names, ", "))}
	})
}

func conflict(format string, args ...any) error {
	return &RefusedError{Kind: ErrConflict, Reason: fmt.Sprintf(format, args...)}
}

// isStop says that a run ended because it was told to, and as it should.
func isStop(err error) bool { return err == nil || errors.Is(err, pipeline.ErrStopped) }
