package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"testing"
	"time"
)

// linesSource feeds lines of one lane, perChunk at a time.
type linesSource struct {
	lines    []string
	lane     Lane
	rule     *LaneRule // instead of lane
	start    Progress
	perChunk int
	hold     chan struct{} // when set, the input has no end until it is closed
	after    func(chunk int)
}

func numbered(prefix string, n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"%s":%d}`, prefix, i)
	}
	return lines
}

func (s *linesSource) Run(ctx context.Context, feed Feed) error {
	rule := LaneRule{Default: s.lane}
	if s.rule != nil {
		rule = *s.rule
	}
	in, err := feed.Intake(s.start, rule)
	if err != nil {
		return err
	}
	perChunk := s.perChunk
	if perChunk == 0 {
		perChunk = 100
	}
	var at Point
	rest := s.lines
	for i := 0; len(rest) > 0; i++ {
		if ctx.Err() != nil {
			return nil
		}
		n := min(perChunk, len(rest))
		c := NewChunk()
		c.Start = at
		for _, l := range rest[:n] {
			c.Bytes = append(append(c.Bytes, l...), '\n')
		}
		at.Position += int64(len(c.Bytes))
		at.Line += int64(n)
		at.Mark = fmt.Sprint(at.Position)
		c.End = at
		rest = rest[n:]
		if at.Position <= s.start.Frontier {
			c.Release()
			continue
		}
		in.Begin(c)
		position, line := c.Start.Position, c.Start.Line
		for raw := range bytes.Lines(c.Bytes) {
			line++
			in.Add(raw[:len(raw)-1], position, line)
			position += int64(len(raw))
		}
		if err := in.Flush(ctx); err != nil {
			return err
		}
		if s.after != nil {
			s.after(i)
		}
	}
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
		}
	}
	return nil
}

// memorySink keeps what it is given.
type memorySink struct {
	delay    time.Duration
	release  bool // take over at once, settle at Flush
	fail     func(commit int) error
	hang     <-chan struct{}
	ignores  bool // hang ignores the context
	mu       sync.Mutex
	rows     [LaneCount][]string
	dead     [LaneCount][]*RecordError
	lines    [LaneCount][]string // line numbers of all of them
	groups   []int               // records a commit
	flushes  int
	progress Progress
	stored   []Progress
}

func (s *memorySink) Write(ctx context.Context, g *Group) (bool, error) {
	if s.delay > 0 {
		time.Sleep(s.delay)
	}
	if s.hang != nil {
		if s.ignores {
			<-s.hang
		} else {
			select {
			case <-s.hang:
			case <-ctx.Done():
				return false, context.Cause(ctx)
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail != nil {
		if err := s.fail(len(s.groups)); err != nil {
			return false, err
		}
	}
	n := 0
	for _, b := range g.Batches {
		n += b.Len()
		for i := range b.Len() {
			r := b.Record(i)
			s.lines[b.Lane()] = append(s.lines[b.Lane()], fmt.Sprint(r.Line()))
			switch {
			case r.Live():
				s.rows[b.Lane()] = append(s.rows[b.Lane()], string(r.Raw()))
			case r.Err() != nil:
				s.dead[b.Lane()] = append(s.dead[b.Lane()], r.Err())
			}
		}
	}
	s.groups = append(s.groups, n)
	for _, p := range g.Progress {
		s.progress = p
		s.stored = append(s.stored, p)
	}
	return !s.release, nil
}

func (s *memorySink) Flush(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushes++
	return nil
}

func build(t *testing.T, cfg Config) *Pipeline {
	t.Helper()
	p, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wantClosed fails unless the ledger closes, lane by lane, with nothing in
// flight.
func wantClosed(t *testing.T, p *Pipeline) Ledger {
	t.Helper()
	s := p.Status()
	check := func(what string, c Counts) {
		if !c.Closes() || c.InFlight != 0 {
			t.Errorf("the ledger of %s does not close: %+v", what, c)
		}
	}
	check("the run", s.Ledger.Counts)
	for l, c := range s.Ledger.Lanes {
		check(Lane(l).String(), c)
	}
	for _, st := range s.Stages {
		check(st.Name, st.Counts)
	}
	return s.Ledger
}

func sameLines(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d rows, want %d", what, len(got), len(want))
		return
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%s: row %d is %s, want %s", what, i, got[i], want[i])
			return
		}
	}
}
