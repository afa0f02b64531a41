package control

import (
	"context"
	"errors"
	"sync/atomic"
)

// Controller takes commands for one Loop. Its methods may be called from any
// goroutine, before the loop begins too: what is asked then waits for it.
type Controller struct {
	cfg      Config
	commands chan request
	aborts   chan error // of capacity 1: the first cause stands
	begun    atomic.Bool
	ended    chan struct{} // closed when the loop is over
}

type request struct {
	command Command
	to      asker
}

// asker is where an answer goes: a channel of capacity 1 that gets one answer,
// so that the loop never blocks on it.
type asker chan reply

type reply struct {
	answer Answer
	err    error
}

func (a asker) tell(answer Answer) { a <- reply{answer: answer} }
func (a asker) refuse(err error)   { a <- reply{err: err} }

// New makes a controller. Nothing starts.
func New(cfg Config) *Controller {
	if cfg.Queue < 1 {
		cfg.Queue = DefaultQueue
	}
	return &Controller{
		cfg:      cfg,
		commands: make(chan request, cfg.Queue),
		aborts:   make(chan error, 1),
		ended:    make(chan struct{}),
	}
}

// Do hands a command to the loop and waits for its answer. It returns a
// *RefusedError or one of the package's errors when the command was not done,
// ErrBusy without waiting, and the context's cause when that ends first: the
// command is done all the same then.
func (c *Controller) Do(ctx context.Context, cmd Command) (Answer, error) {
	if err := cmd.check(); err != nil {
		return Answer{}, err
	}
	to := make(asker, 1)
	select {
	case <-c.ended:
		return Answer{}, ErrEnded
	default:
	}
	select {
	case c.commands <- request{command: cmd, to: to}:
	default:
		return Answer{}, ErrBusy
	}
	select {
	case r := <-to:
		return r.answer, r.err
	case <-ctx.Done():
		return Answer{}, context.Cause(ctx)
	case <-c.ended:
	}
	select {
	case r := <-to:
		return r.answer, r.err
	default:
		return Answer{}, ErrEnded
	}
}

// Abort ends the run at once, whatever it is doing: what a second signal asks
// for. It waits for nothing. Loop goes on, unless its context has ended.
func (c *Controller) Abort(cause error) {
	select {
	case c.aborts <- cause:
	default:
	}
}

// Loop owns the life-cycle until ctx ends; then it drains the run, within the
// pipeline's budget, and returns when everything it started has ended. It
// returns the error of the last run when that run failed, nil otherwise; with
// Config.Once what pipeline.Run and Run.Close returned. A controller has one
// loop.
func (c *Controller) Loop(ctx context.Context) error {
	if !c.begun.CompareAndSwap(false, true) {
		return errors.New("run the control loop: it runs already, or it did")
	}
	defer close(c.ended)
	l := newLoop(c.cfg)
	defer l.crew.Wait()
	return l.serve(ctx, c.commands, c.aborts)
}
