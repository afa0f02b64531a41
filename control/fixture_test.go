package control

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

// endless is a source that makes a record each period until it is told to stop.
type endless struct {
	period  time.Duration
	most    int   // records; 0 for no end
	err     error // what it ends with after most
	ignores bool  // it looks up only once a minute

	mu   sync.Mutex
	sent int
}

func (s *endless) Run(ctx context.Context, feed pipeline.Feed) error {
	in, err := feed.Intake(pipeline.Progress{}, pipeline.LaneRule{Default: pipeline.LaneNormal})
	if err != nil {
		return err
	}
	for i := 0; s.most == 0 || i < s.most; i++ {
		if !s.sleep(ctx) {
			return nil
		}
		c := pipeline.NewChunk()
		c.Bytes = append(c.Bytes, `{"a":1}`...)
		in.Begin(c)
		in.Add(c.Bytes, int64(i*8), int64(i+1))
		s.mu.Lock()
		s.sent++
		s.mu.Unlock()
		if err := in.Flush(ctx); err != nil {
			return err
		}
	}
	return s.err
}

func (s *endless) sleep(ctx context.Context) bool {
	if s.ignores {
		time.Sleep(time.Minute)
		return ctx.Err() == nil
	}
	select {
	case <-time.After(s.period):
		return true
	case <-ctx.Done():
		return false
	}
}

// memorySink keeps the rows that it is given.
type memorySink struct {
	delay time.Duration // of each write
	hang  bool          // a write waits until it is cancelled
	mu    sync.Mutex
	rows  [][]byte
}

func (s *memorySink) Write(ctx context.Context, g *pipeline.Group) (bool, error) {
	if s.hang {
		<-ctx.Done()
		return false, context.Cause(ctx)
	}
	time.Sleep(s.delay)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range g.Batches {
		for i := range b.Len() {
			s.rows = append(s.rows, bytes.Clone(b.Record(i).Raw()))
		}
	}
	return true, nil
}

func (s *memorySink) Flush(context.Context) error { return nil }

func (s *memorySink) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.rows)
}

// plant opens runs over one sink and counts what becomes of them.
type plant struct {
	sink   *memorySink
	source func() pipeline.Source
	change func(*pipeline.Config)
	open   func(context.Context) error // before a run is open
	ready  <-chan struct{}

	mu             sync.Mutex
	opened, closed int
	closing        error
	ledgers        []pipeline.Ledger
	engine         *pipeline.Pipeline // of the latest run
}

// latest returns the pipeline of the latest run.
func (p *plant) latest() *pipeline.Pipeline {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.engine
}

func newPlant() *plant {
	return &plant{
		sink:   &memorySink{},
		source: func() pipeline.Source { return &endless{period: 10 * time.Millisecond} },
	}
}

func (p *plant) Open(ctx context.Context) (*Run, error) {
	if p.open != nil {
		if err := p.open(ctx); err != nil {
			return nil, err
		}
	}
	cfg := pipeline.Config{
		Stages: []pipeline.StageConfig{{Name: "validate"}, {Name: "enrich"}, {Name: "persist"}},
		Sink:   p.sink,
	}
	if p.change != nil {
		p.change(&cfg)
	}
	engine, err := pipeline.New(cfg)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.opened++
	p.engine = engine
	p.mu.Unlock()
	return &Run{Pipeline: engine, Source: p.source(), Ready: p.ready, Close: func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.closed++
		p.ledgers = append(p.ledgers, engine.Status().Ledger)
		return p.closing
	}}, nil
}

// rig is a controller whose loop runs in the test's bubble.
type rig struct {
	*Controller
	t      *testing.T
	plant  *plant
	signal context.CancelFunc // the end of the loop's context
	loop   chan error
}

// inBubble runs a test with a loop. Whatever the test does, the loop must end,
// and with it every goroutine: the bubble fails otherwise.
func inBubble(t *testing.T, p *plant, test func(r *rig)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{Open: p.Open, Instance: "i1", Version: "v1"}, p)
		r.begin()
		test(r)
		r.signal()
		synctest.Wait()
		<-r.ended
	})
}

func newRig(t *testing.T, cfg Config, p *plant) *rig {
	return &rig{Controller: New(cfg), t: t, plant: p, loop: make(chan error, 1), signal: func() {}}
}

func (r *rig) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	r.signal = cancel
	go func() { r.loop <- r.Loop(ctx) }()
}

// try does a command and returns what came of it.
func (r *rig) try(cmd Command) (Answer, error) { return r.Do(r.t.Context(), cmd) }

// must does a command that has to succeed.
func (r *rig) must(cmd Command) Answer {
	r.t.Helper()
	answer, err := r.try(cmd)
	if err != nil {
		r.t.Fatalf("%T: %v", cmd, err)
	}
	return answer
}

// state asks for the state.
func (r *rig) state() pipeline.State {
	r.t.Helper()
	return r.must(Query{}).Status.State
}

func (r *rig) wantState(want pipeline.State) {
	r.t.Helper()
	if got := r.state(); got != want {
		r.t.Errorf("the state is %s, want %s", got, want)
	}
}

// wantClosed fails unless every run was closed and its ledger closes.
func (p *plant) wantClosed(t *testing.T) {
	t.Helper()
	if p.opened != p.closed {
		t.Errorf("%d runs were opened, %d closed", p.opened, p.closed)
	}
	for i, l := range p.ledgers {
		if !l.Closes() || l.InFlight != 0 {
			t.Errorf("the ledger of run %d does not close: %+v", i+1, l.Counts)
		}
	}
}
