package control

import (
	"fmt"
	"time"

	"sluice/pipeline"
)

// Command is one of the types of this file. It is a value: the loop keeps
// nothing of it.
type Command interface {
	// check says what is wrong with the command itself.
	check() error
	// do is called by the loop. It answers to, at once or later, and blocks on
	// nothing.
	do(l *loop, to asker)
}

// Start opens a run and starts it. Nothing changes when there is a run.
type Start struct {
	NoWait bool // answer at once, not when the run takes records
}

// StopMode says what becomes of records on their way.
type StopMode string

// The modes of Stop.
const (
	StopDrain StopMode = "drain" // they are finished, within the budget
	StopNow   StopMode = "now"   // they count as left
)

// Stop ends the run and lifts its pauses. Nothing changes when there is none.
type Stop struct {
	Mode StopMode // "" is StopDrain
	// Timeout is the drain's budget where it is shorter than the pipeline's own,
	// counted from this command; 0 leaves that.
	Timeout time.Duration
	NoWait  bool // answer at once, not when the run has ended
}

// Pause holds the whole run; Resume lifts that.
type Pause struct{}

// Resume lets a paused run go on.
type Resume struct{}

// PauseStage holds one stage.
type PauseStage struct{ Stage string }

// ResumeStage lets a paused stage go on.
type ResumeStage struct{ Stage string }

// Resize changes the number of a stage's workers.
type Resize struct {
	Stage   string
	Workers int // 1 to pipeline.MaxWorkers
}

// Query asks for the status.
type Query struct{}

// Answer is what a command that was done, or is under way, comes back with.
type Answer struct {
	Status Status
	// UnderWay says that the command has begun and will end by itself.
	UnderWay bool
}

func (Start) check() error       { return nil }
func (Pause) check() error       { return nil }
func (Resume) check() error      { return nil }
func (PauseStage) check() error  { return nil }
func (ResumeStage) check() error { return nil }
func (Query) check() error       { return nil }

func (s Stop) check() error {
	switch {
	case s.Mode != "" && s.Mode != StopDrain && s.Mode != StopNow:
		return invalid("stop: the mode is %q; expected %s or %s", s.Mode, StopDrain, StopNow)
	case s.Timeout < 0:
		return invalid("stop: the timeout is %v; expected a positive duration", s.Timeout)
	}
	return nil
}

func (r Resize) check() error {
	if r.Workers < 1 || r.Workers > pipeline.MaxWorkers {
		return invalid("resize %s: %d workers; expected 1 to %d", r.Stage, r.Workers, pipeline.MaxWorkers)
	}
	return nil
}

func invalid(format string, args ...any) error {
	return &RefusedError{Kind: ErrInvalid, Reason: fmt.Sprintf(format, args...)}
}

func (c Start) do(l *loop, to asker) {
	switch {
	case l.quitting:
		to.refuse(ErrEnded)
	case l.run == nil:
		l.start()
		l.answerStart(c, to)
	case l.run.stopping:
		to.refuse(conflict("start: the run before is still draining; start again when it has stopped"))
	default:
		l.answerStart(c, to)
	}
}

func (c Stop) do(l *loop, to asker) {
	if l.run == nil {
		l.answer(to)
		return
	}
	l.stop(c.Mode, c.Timeout)
	if c.NoWait {
		to.tell(Answer{Status: l.status(), UnderWay: true})
		return
	}
	l.onEnd = append(l.onEnd, to)
}

func (Pause) do(l *loop, to asker) {
	l.steer(to, "pause", func(p *pipeline.Pipeline) error {
		err := p.Pause()
		if err == nil {
			l.setState(pipeline.StatePaused)
		}
		return err
	})
}

func (Resume) do(l *loop, to asker) {
	l.steer(to, "resume", func(p *pipeline.Pipeline) error {
		err := p.Resume()
		if err == nil {
			l.setState(pipeline.StateRunning)
		}
		return err
	})
}

func (c PauseStage) do(l *loop, to asker) {
	l.steerStage(to, "pause", c.Stage, func(p *pipeline.Pipeline) error { return p.PauseStage(c.Stage) })
}

func (c ResumeStage) do(l *loop, to asker) {
	l.steerStage(to, "resume", c.Stage, func(p *pipeline.Pipeline) error { return p.ResumeStage(c.Stage) })
}

func (c Resize) do(l *loop, to asker) {
	l.steerStage(to, "resize", c.Stage, func(p *pipeline.Pipeline) error { return p.Resize(c.Stage, c.Workers) })
}

func (Query) do(l *loop, to asker) { l.answer(to) }
