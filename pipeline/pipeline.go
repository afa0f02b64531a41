package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sourcegraph/conc"
	"github.com/sourcegraph/conc/panics"
)

// Pipeline is one run of records through stage pools into a sink. It is made
// for one run: New, Run, and Status at any time.
//
// Who owns what: Run starts the source, the workers of every pool and the
// committer, and joins them. Each closes the channel behind it when it has
// ended: the source the first, the last worker of a pool the next.
type Pipeline struct {
	cfg      Config
	batchMax [LaneCount]int // records a batch of the lane may hold
	budget   *budget
	ledger   *ledger
	channels []*Channel // before each stage, and before the sink
	pools    []*pool
	commits  *committer
	crew     conc.WaitGroup
	hard     context.Context // ends when the run is cancelled; set before anything starts
	cancel   context.CancelCauseFunc

	over chan struct{} // closed when the run is over

	sourceEnded, sinkEnded atomic.Bool

	intakes gate         // shut while the run is paused
	moved   movedSources // of which the sink has not heard
	rates   *rates       // nil for no limit

	mu    sync.Mutex // guards what follows
	begun bool
	state State
	since time.Time
}

// New checks the configuration and builds the pipeline. Nothing starts.
func New(cfg Config) (*Pipeline, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	p := &Pipeline{
		cfg:    cfg,
		budget: newBudget(cfg.Budget),
		ledger: newLedger(len(cfg.Stages)),
		over:   make(chan struct{}),
		state:  StateIdle,
		since:  time.Now(),
	}
	for l := range p.batchMax {
		p.batchMax[l] = MaxBatchRecords
	}
	for i, s := range cfg.Stages {
		p.channels = append(p.channels, NewChannel(ChannelConfig{
			Stage: s.Name, Schedule: s.Schedule, AgeShare: s.AgeShare, Lanes: s.Lanes,
			OnDrop: func(b *Batch, reason DropReason, records int, gone bool) { p.drop(i, b, reason, records, gone) },
		}))
		for l, lane := range s.Lanes {
			p.batchMax[l] = min(p.batchMax[l], lane.Capacity)
		}
	}
	p.channels = append(p.channels, NewChannel(toSink(cfg.Stages[len(cfg.Stages)-1], cfg.Sink)))
	for i, s := range cfg.Stages {
		if s.Stage == nil {
			s.Stage = StageFunc(func(context.Context, *Batch) error { return nil })
		}
		p.pools = append(p.pools, newPool(p, i, s, p.channels[i], p.channels[i+1]))
	}
	p.commits = newCommitter(p, p.channels[len(p.channels)-1])
	p.budget.onRepay = p.wakePools
	p.rates = newRates(&cfg)
	p.hard, p.cancel = context.WithCancelCause(context.Background())
	return p, nil
}

// Run reads src to its end and returns when everything is settled. Cancelling
// ctx stops soft, then hard: the source stops reading, the stages drain in the
// order of the data for at most DrainTimeout, then what is left is cancelled
// and counted as left. Run returns nil when the input came to its end and all
// was settled; otherwise an error for errors.Is: ErrStopped (drained, but the
// input had more), ErrDrainTimeout, ErrAborted, ErrSourceTruncated, or what the
// source, a stage or the sink failed with; ErrAbandoned beside it when
// something ignored its cancellation.
func (p *Pipeline) Run(ctx context.Context, src Source) error {
	if !p.begin() {
		return errors.New("run pipeline: it was run before; a pipeline is made for one run")
	}
	defer p.cancel(nil)
	var sourceErr error
	p.crew.Go(func() {
		sourceErr = p.read(ctx, src)
		p.channels[0].Close(nil)
		p.sourceEnded.Store(true)
	})
	for _, w := range p.pools {
		w.start(p.hard)
	}
	p.crew.Go(func() {
		if err := p.commits.run(p.hard); err != nil {
			p.fail(err)
		}
		p.sinkEnded.Store(true)
	})
	done := make(chan struct{})
	go func() {
		p.crew.Wait()
		close(done)
	}()
	if !p.await(ctx, done) {
		return p.end(fmt.Errorf("%s: %w", p.stillRunning(), ErrAbandoned))
	}
	return p.end(sourceErr)
}

// read runs the source until it ends or is told to stop.
func (p *Pipeline) read(ctx context.Context, src Source) (err error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	defer context.AfterFunc(p.hard, func() { stop(context.Cause(p.hard)) })()
	if caught := panics.Try(func() { err = src.Run(ctx, p) }); caught != nil {
		err = fmt.Errorf("source panicked: %w", caught.AsError())
	}
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Cause(ctx))) {
		return ErrStopped
	}
	return err
}

// send takes a batch in: the gate, room in the budget, room in the first channel, the
// ledger, the channel, in that order.
func (p *Pipeline) send(ctx context.Context, b *Batch) error {
	if err := p.intakes.wait(ctx); err != nil {
		return err
	}
	n := b.entryCost()
	switch in, err := p.reserve(ctx, b, n+b.share); {
	case err != nil:
		return err
	case !in:
		p.enter(b)
		p.drop(0, b, DropWrite, b.Live(), true)
		return nil
	}
	b.charge = charge{budget: p.budget, lane: b.lane, n: n}
	if b.chunk != nil {
		b.entered = true
		b.chunk.enter(b.lane, b.share)
	}
	if err := p.channels[0].reserve(ctx, b.lane, b.room()); err != nil {
		return err
	}
	p.enter(b)
	p.channels[0].putReserved(b)
	return nil
}

// enter books a batch as accepted.
func (p *Pipeline) enter(b *Batch) {
	p.ledger.accept(b)
	if b.intake.receipt != nil {
		b.intake.receipt.send(b.Len())
	}
}

// reserve charges n bytes for a batch that comes in, and waits until they fit.
// Where the first channel drops batches of the lane rather than hold the source
// back, it does so for want of memory too; false when it is the batch itself that
// must be dropped.
func (p *Pipeline) reserve(ctx context.Context, b *Batch, n int64) (in bool, err error) {
	for {
		if b.dead == 0 && p.channels[0].dropsToNowhere(b.lane) {
			return p.makeRoom(b.lane, n), nil
		}
		err := p.budget.reserve(ctx, b.lane, n)
		if err != errLookAgain {
			return err == nil, err
		}
	}
}

// makeRoom charges n bytes to a lane that drops; false when nothing is
// left to drop and they do not fit.
func (p *Pipeline) makeRoom(lane Lane, n int64) bool {
	for !p.budget.tryReserve(lane, n) {
		if !p.channels[0].dropOne(lane) {
			return false
		}
	}
	return true
}

// released counts records that passed the pools before a stage and go no
// further, because the sink has taken them over or they were dropped.
func (p *Pipeline) released(stage, n int) {
	for _, w := range p.pools[:stage] {
		w.beyond.Add(-int64(n))
	}
}

// drop books what a full mode dropped in the channel before a stage.
func (p *Pipeline) drop(stage int, b *Batch, reason DropReason, records int, gone bool) {
	filtered := 0
	if gone {
		filtered = b.filtered
	}
	p.ledger.drop(stage, b.lane, reason, int64(records), int64(filtered))
	if b.intake.receipt != nil {
		b.intake.receipt.drop(records, filtered)
	}
	if !gone {
		return
	}
	if b.intake.tracker != nil {
		b.intake.tracker.drop(b)
		p.moved.add(b.intake.tracker)
	}
	p.released(stage, b.Len())
	b.release()
}

// wakePools lets pools that left work alone for want of memory look again.
func (p *Pipeline) wakePools() {
	for _, w := range p.pools {
		w.in.ready.notify()
	}
}
