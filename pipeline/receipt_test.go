package pipeline

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// request sends lines as one call would, and waits for what becomes of them.
type request struct {
	lines   []string
	lane    Lane
	timeout time.Duration // for the way in
	refused []int64
	outcome Outcome
	err     error
}

func (s *request) Run(ctx context.Context, feed Feed) error {
	in, err := feed.Intake(Progress{}, LaneRule{Default: s.lane})
	if err != nil {
		return err
	}
	in.Yield()
	receipt := in.Track(3)
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	c := NewChunk()
	for _, l := range s.lines {
		c.Bytes = append(c.Bytes, l...)
	}
	in.Begin(c)
	at := 0
	for i, l := range s.lines {
		in.Add(c.Bytes[at:at+len(l)], int64(at), int64(i+1))
		at += len(l)
	}
	s.err = in.Flush(ctx)
	s.refused = in.Refused()
	wait := receipt.Wait(context.Background())
	s.err = errors.Join(s.err, wait)
	s.outcome = receipt.Outcome()
	return nil
}

func TestAReceiptSaysWhatBecameOfEachLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stage := EachRecord(func(_ context.Context, r *Record) error {
			switch r.Line() % 10 {
			case 1:
				return &RecordError{Code: CodeRule, Pointer: "/n", Message: "one"}
			case 2:
				r.Filter()
			}
			return nil
		})
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s", Stage: stage}}})
		reqs := []*request{{lines: numbered("a", 100), timeout: time.Second}, {lines: numbered("b", 1000), lane: LaneLow, timeout: time.Second}}
		if err := p.Run(t.Context(), Sources{reqs[0], reqs[1]}); err != nil {
			t.Fatal(err)
		}
		for i, r := range reqs {
			n := int64(len(r.lines))
			if r.err != nil || r.outcome.Persisted != n*8/10 || r.outcome.Dead != n/10 || r.outcome.Filtered != n/10 {
				t.Errorf("request %d: %v, %+v", i, r.err, r.outcome)
			}
			if len(r.outcome.Errors) != 3 || r.outcome.Errors[1] != (LineError{Line: 11, Code: CodeRule, Pointer: "/n", Message: "one"}) {
				t.Errorf("request %d: errors %+v, want the first three", i, r.outcome.Errors)
			}
		}
	})
}

func TestASenderThatYieldsHearsWhichLinesFoundNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan struct{})
		cfg := Config{Sink: &memorySink{hang: hang}, Stages: []StageConfig{{Name: "s", Workers: 1}}}
		for l := range cfg.Stages[0].Lanes {
			cfg.Stages[0].Lanes[l].Capacity = 10
		}
		p := build(t, cfg)
		full := &request{lines: numbered("n", 200), timeout: time.Minute}
		other := &request{lines: numbered("n", 5), lane: LaneLow, timeout: 0}
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), Sources{full, other}) }()
		time.Sleep(2 * time.Minute)
		close(hang)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if !errors.Is(full.err, context.DeadlineExceeded) {
			t.Errorf("the flood got %v, want its deadline", full.err)
		}
		if got := full.outcome.Persisted + int64(len(full.refused)); got != 200 || len(full.refused) == 0 {
			t.Errorf("%d persisted and %d refused, want 200 in all", full.outcome.Persisted, len(full.refused))
		}
		if !slices.IsSorted(full.refused) || full.refused[len(full.refused)-1] != 200 {
			t.Errorf("refused lines are %v", full.refused)
		}
		if other.err != nil || other.outcome.Persisted != 5 {
			t.Errorf("a lane with room refused one that would not wait: %v, %+v", other.err, other.outcome)
		}
		l := wantClosed(t, p)
		if l.Accepted != full.outcome.Persisted+5 {
			t.Errorf("accepted %d, want what was not refused", l.Accepted)
		}
		if p.budget.inUse() != 0 {
			t.Errorf("%d bytes are still on the account", p.budget.inUse())
		}
	})
}

func TestAReceiptOfARunThatBreaksOffSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		p := build(t, Config{Sink: &memorySink{fail: func(int) error { return boom }}, Stages: []StageConfig{{Name: "s"}}})
		r := make(chan *Receipt, 1)
		src := sourceFunc(func(ctx context.Context, feed Feed) error {
			in, err := feed.Intake(Progress{}, DefaultLaneRule())
			if err != nil {
				return err
			}
			r <- in.Track(1)
			c := NewChunk()
			c.Bytes = append(c.Bytes, "{}"...)
			in.Begin(c)
			in.Add(c.Bytes, 0, 1)
			return in.Flush(ctx)
		})
		if err := p.Run(t.Context(), src); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if err := (<-r).Wait(t.Context()); err != ErrUnsettled {
			t.Errorf("Wait returned %v, want ErrUnsettled", err)
		}
	})
}

type sourceFunc func(context.Context, Feed) error

func (f sourceFunc) Run(ctx context.Context, feed Feed) error { return f(ctx, feed) }

func TestOneFailingSourceStopsTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s"}}})
		err := p.Run(t.Context(), Sources{
			&linesSource{lines: numbered("n", 100), hold: make(chan struct{})},
			sourceFunc(func(context.Context, Feed) error { return boom }),
		})
		if !errors.Is(err, boom) {
			t.Errorf("Run returned %v, want boom", err)
		}
		wantClosed(t, p)
	})
}
