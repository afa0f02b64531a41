package pipeline

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

// ticks offers the same number of lines at once again and again, each time
// through an intake of its own, as posts come.
type ticks struct {
	lane  Lane
	each  int           // lines at a time
	every time.Duration // between two times
	times int
	posts bool // they can be refused
	hurry bool // they do not wait

	sent    int
	refused []int64
	errs    []*RateError
}

func (s *ticks) Run(ctx context.Context, feed Feed) error {
	for i := range s.times {
		if i > 0 {
			time.Sleep(s.every)
		}
		if err := s.offer(ctx, feed); err != nil {
			return err
		}
	}
	return nil
}

func (s *ticks) offer(ctx context.Context, feed Feed) error {
	in, err := feed.Intake(Progress{}, LaneRule{Default: s.lane})
	if err != nil {
		return err
	}
	if s.posts {
		in.Yield()
	}
	if s.hurry {
		ended, cancel := context.WithCancelCause(ctx)
		cancel(errHurry)
		ctx = ended
	}
	err = offer(ctx, in, s.sent, s.each)
	s.sent += s.each
	if limited, ok := errors.AsType[*RateError](err); ok {
		s.errs = append(s.errs, limited)
		s.refused = append(s.refused, in.Refused()...)
		return nil
	}
	return err
}

var errHurry = errors.New("would not wait")

// offer sends n numbered lines in through one chunk.
func offer(ctx context.Context, in *Intake, from, n int) error {
	c := NewChunk()
	ends := make([]int, 0, n)
	for i := range n {
		c.Bytes = fmt.Appendf(c.Bytes, "{\"n\":%d}", from+i)
		ends = append(ends, len(c.Bytes))
		c.Bytes = append(c.Bytes, '\n')
	}
	in.Begin(c)
	start := 0
	for i, end := range ends {
		in.Add(c.Bytes[start:end], int64(start), int64(from+i+1))
		start = end + 1
	}
	return in.Flush(ctx)
}

// randomRates sets limits of any kind, or none, that let some thousands of records
// pass in a second.
func randomRates(r *rand.Rand, cfg *Config) {
	for l := range cfg.LaneRates {
		if r.IntN(4) == 0 {
			cfg.LaneRates[l] = randomRate(r)
		}
	}
	if r.IntN(3) == 0 {
		cfg.Rate = randomRate(r)
	}
}

func randomRate(r *rand.Rand) RateConfig {
	c := RateConfig{Limit: 1000 + r.IntN(100_000), Kind: RateKinds[r.IntN(len(RateKinds))], Over: RateOvers[r.IntN(len(RateOvers))]}
	if c.Kind == RateTokenBucket && r.IntN(2) == 0 {
		c.Burst = 1 + r.IntN(300)
	}
	if c.Over == RateOverDrop && r.IntN(2) == 0 {
		c.Dropped = DropToDeadLetter
	}
	return c
}

// limited is a run with rate limits.
type limited struct {
	t    *testing.T
	p    *Pipeline
	sink *memorySink
	done chan error
	stop context.CancelCauseFunc
}

// runLimited starts a run in the bubble of the test.
func runLimited(t *testing.T, cfg Config, src Source) *limited {
	t.Helper()
	r := &limited{t: t, sink: &memorySink{}, done: make(chan error, 1)}
	if cfg.Sink == nil {
		cfg.Sink = r.sink
	}
	if cfg.Stages == nil {
		cfg.Stages = []StageConfig{{Name: "first"}, {Name: "last"}}
	}
	r.p = build(t, cfg)
	ctx, stop := context.WithCancelCause(t.Context())
	r.stop = stop
	go func() { r.done <- r.p.Run(ctx, src) }()
	synctest.Wait()
	return r
}

// counts returns the ledger now.
func (r *limited) counts() Counts {
	synctest.Wait()
	return r.p.Status().Ledger.Counts
}

// end waits for the end of the run and returns its ledger, which must close.
func (r *limited) end() Ledger {
	r.t.Helper()
	if err := <-r.done; err != nil {
		r.t.Error(err)
	}
	r.stop(nil)
	return wantClosed(r.t, r.p)
}
