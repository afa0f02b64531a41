package pipeline

import "fmt"

// Pause holds the whole run: the intake takes nothing in, so the source stops
// reading, and no worker takes another batch. What workers hold is finished, and
// what has been encoded is still committed. Pausing twice is pausing once. It is
// refused when the run is draining or over.
func (p *Pipeline) Pause() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.state {
	case StateIdle, StateRunning:
		p.stateLocked(StatePaused)
	case StatePaused:
	default:
		return fmt.Errorf("pause: the run is %s", p.state)
	}
	p.intakes.shut()
	p.rates.hold(true)
	for _, w := range p.pools {
		w.hold(holdRun, true)
	}
	return nil
}

// Resume ends a Pause. Stages that were paused by themselves stay so.
func (p *Pipeline) Resume() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.state {
	case StatePaused:
		p.stateLocked(StateRunning)
	case StateIdle, StateRunning:
	default:
		return fmt.Errorf("resume: the run is %s", p.state)
	}
	p.intakes.open()
	p.rates.hold(false)
	for _, w := range p.pools {
		w.hold(holdRun, false)
	}
	return nil
}

// PauseStage holds one stage: its channel fills, and back-pressure reaches the
// source; the others go on.
func (p *Pipeline) PauseStage(stage string) error { return p.holdStage(stage, true) }

// ResumeStage ends a PauseStage.
func (p *Pipeline) ResumeStage(stage string) error { return p.holdStage(stage, false) }

func (p *Pipeline) holdStage(stage string, on bool) error {
	w, err := p.pool(stage)
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.state {
	case StateIdle, StateRunning, StatePaused:
	default:
		if on {
			return fmt.Errorf("pause %s: the run is %s", stage, p.state)
		}
	}
	w.hold(holdStage, on)
	return nil
}

// liftHolds lets everything run, for a drain.
func (p *Pipeline) liftHolds() {
	p.intakes.open()
	p.rates.hold(false)
	for _, w := range p.pools {
		w.hold(holdRun|holdStage, false)
	}
}

func (p *Pipeline) pool(stage string) (*pool, error) {
	for _, w := range p.pools {
		if w.name == stage {
			return w, nil
		}
	}
	return nil, fmt.Errorf("there is no stage %q", stage)
}

// hold is why a pool takes nothing.
type hold uint8

const (
	holdRun   hold = 1 << iota // the whole run is paused
	holdStage                  // the stage is
)
