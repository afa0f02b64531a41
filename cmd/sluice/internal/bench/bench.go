package bench

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sourcegraph/conc"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

// Bench offers what one Plan says to one run of a pipeline, and measures it:
// Attach its hooks to the pipeline's configuration, run the pipeline with the
// Bench as its source between Watch and the function that this returns, then ask
// Report.
type Bench struct {
	// OnSent, when set, is called when the last record is sent, or when the
	// plan's time is over and a sender is still held back.
	OnSent func()

	plan    Plan
	cfg     ingest.Config
	stages  []pipeline.StageConfig // of the pipeline
	senders []*sender              // of the lanes that get records, the most urgent first
	meter   meter
	depths  *depths
	began   time.Time
	sending time.Duration
	rates   []settledAt
}

// settledAt is how much was settled at a time since the begin.
type settledAt struct {
	after   time.Duration
	records int64
}

// New makes the records of a plan. cfg says how the pipeline's own source cuts
// its input and chooses lanes; each sender's records go to the sender's lane, at
// the cost that the rule has.
func New(plan Plan, cfg ingest.Config) (*Bench, error) {
	b := &Bench{plan: plan, cfg: cfg, depths: newDepths()}
	var sample [pipeline.LaneCount]*lines
	if plan.Sample != "" {
		var err error
		if sample, err = readSample(plan.Sample, cfg.Rule); err != nil {
			return nil, err
		}
	}
	for l, share := range plan.Shares {
		if share <= 0 {
			continue
		}
		lane := pipeline.Lane(l)
		records := sample[l]
		if records == nil {
			records = generate(plan, lane, cfg.Rule)
		}
		b.senders = append(b.senders, &sender{
			lane: lane, lines: records, late: newHistogram(), rule: forced(cfg.Rule, lane), limit: plan.limit(lane),
			progress: progress{ended: make(chan struct{})},
		})
	}
	return b, nil
}

// Attach puts the plan's slow stages and the meter into a pipeline's
// configuration, beside what is there.
func (b *Bench) Attach(cfg *pipeline.Config) {
	b.plan.Slow.around(cfg.Stages)
	b.stages = slices.Clone(cfg.Stages)
	before := cfg.OnBatch
	cfg.OnBatch = func(batch *pipeline.Batch) {
		if before != nil {
			before(batch)
		}
		b.meter.batch(batch)
	}
	if cfg.Observer == nil {
		cfg.Observer = &b.meter
	} else {
		cfg.Observer = observers{cfg.Observer, &b.meter}
	}
}

// Run implements pipeline.Source: it ends when everything was sent, when the
// plan's time is over, or with ctx.
func (b *Bench) Run(ctx context.Context, feed pipeline.Feed) error {
	b.began = time.Now()
	b.setPaces()
	limited := ctx
	if b.plan.Duration > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, b.plan.Duration)
		defer cancel()
	}
	sent := sync.OnceFunc(func() {
		if b.OnSent != nil {
			b.OnSent()
		}
	})
	defer context.AfterFunc(limited, sent)()
	errs := make([]error, len(b.senders))
	var crew conc.WaitGroup
	for i, s := range b.senders {
		crew.Go(func() {
			if b.plan.Stdin {
				errs[i] = s.runThrough(limited, feed, b.cfg)
			} else {
				errs[i] = s.run(limited, feed)
			}
		})
	}
	crew.Wait()
	b.sending = time.Since(b.began)
	sent()
	return errors.Join(errs...)
}

// setPaces starts the schedules.
func (b *Bench) setPaces() {
	leader := b.leader()
	for _, s := range b.senders {
		switch rate := b.plan.Rates[s.lane]; {
		case rate.Value > 0:
			s.schedule = &schedule{start: b.began, rate: rate.Value}
			s.pace = timed{s.schedule, s.late}
			if d := b.plan.Duration; d > 0 {
				s.limit = min(s.limit, s.schedule.by(b.began.Add(d-1)))
			}
		case b.plan.Coupled && s != leader:
			s.pace = follower{&leader.progress, leader.progress.follow(), b.plan.share(s.lane) / b.plan.share(leader.lane)}
		default:
			s.pace = unlimited{}
		}
		b.meter.expect(s.lane, s.schedule)
	}
}

// leader returns the sender with the greatest share.
func (b *Bench) leader() *sender {
	most := b.senders[0]
	for _, s := range b.senders[1:] {
		if b.plan.share(s.lane) > b.plan.share(most.lane) {
			most = s
		}
	}
	return most
}

// Progress returns how many bytes of how many were sent; both are unknown.
func (b *Bench) Progress() (read, size int64) { return 0, -1 }

// Watch takes pictures of the run until stop is called, which returns when the
// last one is taken.
func (b *Bench) Watch(status func() pipeline.Status) (stop func()) {
	done := make(chan struct{})
	began := time.Now()
	var crew conc.WaitGroup
	crew.Go(func() {
		tick := time.NewTicker(firstInterval)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s := status()
				b.depths.add(s)
				b.rates = append(b.rates, settledAt{time.Since(began), s.Ledger.Accepted - s.Ledger.InFlight})
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		crew.Wait()
	}
}

// Capacity returns how many records a second were settled while records were
// sent, the first quarter of the time left out.
func (b *Bench) Capacity() float64 {
	var first, last *settledAt
	for i := range b.rates {
		r := &b.rates[i]
		if first == nil && r.after >= b.sending/4 {
			first = r
		}
		if r.after <= b.sending {
			last = r
		}
	}
	if first == nil || last == nil || last.after <= first.after {
		return 0
	}
	return float64(last.records-first.records) / (last.after - first.after).Seconds()
}
