package pipeline

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

var conservationRuns = flag.Int("conservation", 300, "random runs of the conservation test")

// TestTheLedgerClosesInEveryRandomRun sends records through random pipelines
// that panic, reject, filter, drop, pause, resize, change their lanes, fail, are
// held by rate limits and stopped at random, and checks after each that no record is lost, doubled or out of order in its lane.
func TestTheLedgerClosesInEveryRandomRun(t *testing.T) {
	for seed := range uint64(*conservationRuns) {
		synctest.Test(t, func(t *testing.T) { randomRun(t, seed) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func randomRun(t *testing.T, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 3))
	boom := errors.New("boom")
	failing := r.IntN(4) == 0
	flaky := flaky{seed: seed, chance: r.IntN(3), tries: map[[3]uint64]int{}}
	newStage := func(salt uint64) Stage {
		return StageFunc(func(ctx context.Context, b *Batch) error {
			r := rand.New(rand.NewPCG(seed^salt, uint64(b.Record(0).Line())))
			select {
			case <-time.After(time.Duration(r.IntN(1000)) * time.Microsecond):
			case <-ctx.Done():
				return ctx.Err()
			}
			if failing && r.IntN(60) == 0 {
				return boom
			}
			for rec := range b.Each() {
				if flaky.fails(salt, rec) {
					return Transient(boom)
				}
				switch r.IntN(200) {
				case 0:
					panic("poison")
				case 1:
					rec.Reject(&RecordError{Code: CodeRule})
				case 2:
					rec.Filter()
				}
			}
			return nil
		})
	}
	cfg := Config{Sink: &memorySink{delay: time.Duration(r.IntN(500)) * time.Microsecond, release: r.IntN(2) == 0}, DrainTimeout: time.Duration(r.IntN(20)) * time.Millisecond}
	if r.IntN(2) == 0 {
		cfg.Sink.(*memorySink).fail = func(int) error {
			if flaky.random(0, 5) == 0 {
				return Transient(boom)
			}
			return nil
		}
	}
	var reserved [3]int
	for i := range 1 + r.IntN(3) {
		s := StageConfig{Name: fmt.Sprint("s", i), Stage: newStage(uint64(i)), Workers: 1 + r.IntN(8)}
		if r.IntN(2) == 0 {
			s.Schedule = ScheduleStrict
		}
		for l := range s.Lanes {
			s.Lanes[l] = randomLane(r)
		}
		reserved[i] = randomResilience(r, &s)
		cfg.Stages = append(cfg.Stages, s)
	}
	randomRates(r, &cfg)
	sink := cfg.Sink.(*memorySink)
	p := build(t, cfg)
	var sources Sources
	var sent [LaneCount][]string
	for l := range LaneCount {
		sent[l] = numbered(Lane(l).String(), r.IntN(1500))
		sources = append(sources, &linesSource{lines: sent[l], lane: Lane(l), perChunk: 1 + r.IntN(300)})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	ended := make(chan struct{})
	meddler := make(chan struct{})
	go func() {
		defer close(meddler)
		for {
			select {
			case <-ended:
				return
			case <-time.After(time.Duration(r.IntN(5000)) * time.Microsecond):
			}
			switch r.IntN(12) {
			case 0:
				cancel(ErrStopped)
			case 1:
				if r.IntN(5) == 0 {
					p.Abort(boom)
				}
			case 2, 3:
				if err := p.SetLane(fmt.Sprint("s", r.IntN(len(cfg.Stages))), Lane(r.IntN(LaneCount)), randomLane(r)); err != nil {
					t.Error(err)
				}
			case 4:
				stage := fmt.Sprint("s", r.IntN(len(cfg.Stages)))
				pause, resume := p.Pause, p.Resume
				if r.IntN(2) == 0 {
					pause = func() error { return p.PauseStage(stage) }
					resume = func() error { return p.ResumeStage(stage) }
				}
				if pause() == nil { // it may be draining already
					time.Sleep(time.Duration(r.IntN(2000)) * time.Microsecond)
					_ = resume()
				}
			default:
				i := r.IntN(len(cfg.Stages))
				if err := p.Resize(fmt.Sprint("s", i), reserved[i]+1+r.IntN(16)); err != nil {
					t.Error(err)
				}
			}
			if c := p.Status().Ledger; !c.Closes() {
				t.Errorf("in mid-run the ledger does not close: %+v", c.Counts)
			}
		}
	}()
	err := p.Run(ctx, sources)
	close(ended)
	<-meddler
	ledger := wantClosed(t, p)
	if err == nil && ledger.Left > 0 {
		t.Errorf("the run says that all is well, but left %d", ledger.Left)
	}
	if err == nil && p.budget.inUse() != 0 {
		t.Errorf("%d bytes are still on the account", p.budget.inUse())
	}
	for l := range LaneCount {
		if int64(len(sink.rows[l])) < ledger.Lanes[l].Persisted {
			t.Errorf("%v: %d rows, but %d count as persisted", Lane(l), len(sink.rows[l]), ledger.Lanes[l].Persisted)
		}
		wantSubsequence(t, Lane(l), sink.rows[l], sent[l])
	}
}

// randomLane returns a lane of any full mode, often small.
func randomLane(r *rand.Rand) LaneConfig {
	lane := LaneConfig{Capacity: 1 + r.IntN(600), Weight: 1 + r.IntN(9)}
	if r.IntN(3) == 0 {
		lane.Full = FullModes[r.IntN(len(FullModes))]
	}
	if r.IntN(3) == 0 {
		lane.Dropped = DropToDeadLetter
	}
	if r.IntN(3) == 0 {
		lane.MaxWait = time.Duration(r.IntN(3000)) * time.Microsecond
	}
	return lane
}

// wantSubsequence fails unless got are lines of want in their order, each at
// most once.
func wantSubsequence(t *testing.T, lane Lane, got, want []string) {
	t.Helper()
	i := 0
	for _, line := range got {
		for i < len(want) && want[i] != line {
			i++
		}
		if i == len(want) {
			t.Errorf("%v: %s came late or twice", lane, line)
			return
		}
		i++
	}
}
