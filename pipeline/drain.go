package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// begin marks the run as started; false when it was before.
func (p *Pipeline) begin() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.begun {
		return false
	}
	p.begun = true
	if p.state == StateIdle {
		p.stateLocked(StateRunning)
	}
	return true
}

func (p *Pipeline) setState(s State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stateLocked(s)
}

func (p *Pipeline) stateLocked(s State) { p.state, p.since = s, time.Now() }

// await waits for the end of the run: soft, then hard, then not at all. It
// returns false when something had to be abandoned.
func (p *Pipeline) await(ctx context.Context, done <-chan struct{}) (joined bool) {
	select {
	case <-done:
		return true
	case <-p.hard.Done():
	case <-ctx.Done():
		p.setState(StateDraining)
		p.liftHolds()
		budget := time.NewTimer(p.cfg.DrainTimeout)
		defer budget.Stop()
		select {
		case <-done:
			return true
		case <-p.hard.Done():
		case <-budget.C:
			p.cancel(p.drainError())
		}
	}
	grace := time.NewTimer(p.cfg.Grace)
	defer grace.Stop()
	select {
	case <-done:
		return true
	case <-grace.C:
		return false
	}
}

// fail ends the run hard because of err; the first cause stands.
func (p *Pipeline) fail(err error) { p.cancel(err) }

// Abort ends the run at once: nothing more is drained, and what is under way
// counts as left. cause goes into Run's error.
func (p *Pipeline) Abort(cause error) {
	if cause == nil {
		p.cancel(ErrAborted)
		return
	}
	p.cancel(fmt.Errorf("%w: %w", ErrAborted, cause))
}

// end counts what is left and says how the run went. last is what the source
// returned, or who had to be abandoned.
func (p *Pipeline) end(last error) error {
	for lane, n := range p.unsettled() {
		if n > 0 {
			p.ledger.left(Lane(lane), n)
		}
	}
	p.ledger.close()
	defer close(p.over)
	err := last
	if p.hard.Err() != nil {
		err = context.Cause(p.hard)
		if last != nil && !errors.Is(last, ErrStopped) && !errors.Is(last, err) {
			err = alsoFailed(err, last)
		}
	}
	if err == nil || errors.Is(err, ErrStopped) {
		p.setState(StateStopped)
	} else {
		p.setState(StateFailed)
	}
	return err
}

// alsoFailed tells of a second failure without making the first one look like
// it; who was abandoned stays findable.
func alsoFailed(err, last error) error {
	if errors.Is(last, ErrAbandoned) {
		return errors.Join(err, last)
	}
	return fmt.Errorf("%w (and the source: %v)", err, last)
}

// unsettled counts the records that are in a channel, in a pool's hands or with
// the sink.
func (p *Pipeline) unsettled() (n [LaneCount]int64) {
	add := func(m [LaneCount]int64) {
		for l := range n {
			n[l] += m[l]
		}
	}
	for _, c := range p.channels {
		add(c.records())
	}
	for _, w := range p.pools {
		add(w.held())
	}
	add(p.commits.held())
	return n
}

// stillRunning names what ignored its cancellation.
func (p *Pipeline) stillRunning() string {
	var names []string
	if !p.sourceEnded.Load() {
		names = append(names, "source")
	}
	for _, w := range p.pools {
		if w.busy() {
			names = append(names, "stage "+w.name)
		}
	}
	if !p.sinkEnded.Load() {
		names = append(names, "sink")
	}
	return strings.Join(names, ", ")
}

// drainError says that the drain's budget ran out and, where the sink fails with
// what passes, for what it waits.
func (p *Pipeline) drainError() error {
	err := fmt.Errorf("%w of %v", ErrDrainTimeout, p.cfg.DrainTimeout)
	if s := p.commits.describe(); !s.WaitingSince.IsZero() {
		return fmt.Errorf("%w; the sink takes no records: %s", err, s.LastError)
	}
	return err
}
