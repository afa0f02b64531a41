package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sluice/pipeline"

	"github.com/klauspost/compress/gzip"
)

// bodySink keeps the rows it is given, and can be slow or held up.
type bodySink struct {
	delay  time.Duration
	hang   chan struct{} // when set, Write waits until it is closed
	forget bool          // keep nothing

	mu   sync.Mutex // guards what follows
	rows []string
	dead []string
}

func (s *bodySink) Write(ctx context.Context, g *pipeline.Group) (bool, error) {
	if s.hang != nil {
		select {
		case <-s.hang:
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
	if s.delay > 0 {
		select {
		case <-time.After(s.delay):
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
	if s.forget {
		return true, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range g.Batches {
		for i := range b.Len() {
			switch r := b.Record(i); {
			case r.Live():
				s.rows = append(s.rows, string(r.Raw()))
			case r.Err() != nil:
				s.dead = append(s.dead, string(r.Raw()))
			}
		}
	}
	return true, nil
}

func (s *bodySink) Flush(context.Context) error { return nil }

// sorted returns a copy of what the sink has.
func (s *bodySink) sorted() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	rows := slices.Clone(s.rows)
	slices.Sort(rows)
	return rows
}

// strictStage rejects what is not JSON and filters records that ask for it.
var strictStage = pipeline.EachRecord(func(_ context.Context, r *pipeline.Record) error {
	if err := r.Index(128); err != nil {
		return err
	}
	if bytes.Contains(r.Raw(), []byte(`"filter"`)) {
		r.Filter()
	}
	return nil
})

// served is a pipeline that runs and takes posts.
type served struct {
	t        testing.TB
	bodies   *Bodies
	sink     *bodySink
	capacity int
	budget   int64
	change   func(*pipeline.Config)

	p    *pipeline.Pipeline
	stop context.CancelFunc
	done chan error
}

func serve(t testing.TB, b *Bodies, sink *bodySink) *served {
	s := &served{t: t, bodies: b, sink: sink}
	s.start()
	return s
}

// start begins a run.
func (s *served) start() {
	s.t.Helper()
	stage := pipeline.StageConfig{Name: "check", Stage: strictStage}
	for l := range stage.Lanes {
		stage.Lanes[l].Capacity = s.capacity
	}
	var err error
	cfg := pipeline.Config{
		Stages: []pipeline.StageConfig{stage}, Sink: s.sink, Budget: s.budget, MaxRecordBytes: s.bodies.cfg.MaxRecordBytes,
	}
	if s.change != nil {
		s.change(&cfg)
	}
	s.p, err = pipeline.New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(s.t.Context())
	s.stop, s.done = stop, make(chan error, 1)
	go func() { s.done <- s.p.Run(ctx, s.bodies) }()
	for s.bodies.current() == nil {
		<-time.After(time.Millisecond)
	}
}

// end stops the run and wants the ledger to close.
func (s *served) end() pipeline.Ledger {
	s.t.Helper()
	s.stop()
	if err := <-s.done; err != nil && !errors.Is(err, pipeline.ErrStopped) {
		s.t.Errorf("the run: %v", err)
	}
	l := s.p.Status().Ledger
	if !l.Closes() || l.InFlight != 0 {
		s.t.Errorf("the ledger does not close: %+v", l.Counts)
	}
	s.wantNoMemory()
	return l
}

func (s *served) wantNoMemory() {
	s.t.Helper()
	b := s.bodies
	if n := b.buffers.inUse() + b.windows.inUse() + b.long.inUse(); n != 0 {
		s.t.Errorf("%d bytes are still taken", n)
	}
}

func (s *served) post(body string, o pipeline.PostOptions) (pipeline.PostResult, error) {
	return s.bodies.Post(s.t.Context(), strings.NewReader(body), o)
}

// numberedBody has n records.
func numberedBody(prefix string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "{\"%s\":%d}\n", prefix, i)
	}
	return b.String()
}

// numbers are those from first to last.
func numbers(first, last int64) (n []int64) {
	for i := first; i <= last; i++ {
		n = append(n, i)
	}
	return n
}

var normalRule = Config{Rule: pipeline.DefaultLaneRule()}

func wantCounts(t testing.TB, got pipeline.PostResult, accepted, persisted, dead, filtered int64) {
	t.Helper()
	if got.Accepted != accepted || got.Persisted != persisted || got.Dead != dead || got.Filtered != filtered {
		t.Errorf("accepted %d, persisted %d, dead %d, filtered %d; want %d, %d, %d, %d",
			got.Accepted, got.Persisted, got.Dead, got.Filtered, accepted, persisted, dead, filtered)
	}
}

// halting gives its bytes and then blocks until it is released, as a client
// that has stopped sending does.
type halting struct {
	rest    io.Reader
	release chan struct{}
	then    error
}

func (h *halting) Read(p []byte) (int, error) {
	n, err := h.rest.Read(p)
	if n > 0 || err != io.EOF {
		return n, err
	}
	<-h.release
	return 0, h.then
}

// connected is a halting body whose reads have a deadline.
type connected struct {
	halting
	mu       sync.Mutex // guards what follows
	deadline time.Time
	moved    chan struct{} // closed when deadline changes
}

func connect(rest io.Reader) *connected {
	return &connected{halting: halting{rest: rest}, moved: make(chan struct{})}
}

func (c *connected) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	close(c.moved)
	c.moved = make(chan struct{})
	return nil
}

func (c *connected) Read(p []byte) (int, error) {
	n, err := c.rest.Read(p)
	for err == io.EOF && n == 0 {
		c.mu.Lock()
		deadline, moved := c.deadline, c.moved
		c.mu.Unlock()
		var over <-chan time.Time
		if !deadline.IsZero() {
			over = time.After(time.Until(deadline))
		}
		select {
		case <-moved:
		case <-over:
			return 0, os.ErrDeadlineExceeded
		}
	}
	return n, err
}

// memoryWatch follows the buffers that bodies really have, and the account.
type memoryWatch struct{ now, peak, account atomic.Int64 }

func watchMemory(b *Bodies) *memoryWatch {
	m := &memoryWatch{}
	b.onBuffer = func(bytes int) {
		raise(&m.peak, m.now.Add(int64(bytes)))
		raise(&m.account, b.buffers.inUse()+b.windows.inUse()+b.long.inUse())
	}
	return m
}

func raise(peak *atomic.Int64, n int64) {
	for p := peak.Load(); n > p && !peak.CompareAndSwap(p, n); p = peak.Load() {
	}
}

func newGzip(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }
