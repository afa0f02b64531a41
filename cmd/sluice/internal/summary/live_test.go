package summary_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
)

// screen is a buffer that the live line and the test may use at once.
type screen struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (s *screen) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.b.Reset()
}

func TestTheLiveLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		console := summary.NewConsole(&b)
		begin := time.Now()
		live := summary.NewLive(console, func() int { return 200 }, func() summary.Picture {
			seconds := int64(time.Since(begin).Seconds() * 4)
			s := pipeline.Status{State: pipeline.StateRunning, Stages: []pipeline.StageStatus{{Name: "validate"}, {Name: "persist"}}}
			s.Ledger.Accepted = 1000 * seconds
			s.Stages[1].Lanes[pipeline.LaneLow].Depth = 4096
			return summary.Picture{Status: s, Read: 250 * seconds, Size: 10_000}
		})
		live.Start()
		synctest.Wait()
		lines := func() []string { return strings.Split(b.String(), "\r\x1b[K") }
		if got := lines(); len(got) != 2 {
			t.Fatalf("at once there are %d lines, want 1: %q", len(got)-1, got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		const want = "4,000 records  4,000/s  waiting: validate 0 persist 4,096  10%  9.00 s left"
		if got := lines(); len(got) != 6 || got[5] != want {
			t.Errorf("after a second the %d-th line is %q, want the 5th to be %q", len(got)-1, got[len(got)-1], want)
		}
		b.Reset()
		console.Notef("something %s", "happened")
		if got := b.String(); got != "\r\x1b[Ksomething happened\n"+want {
			t.Errorf("a note is written as %q", got)
		}
		b.Reset()
		live.Stop()
		if got := b.String(); got != "\r\x1b[K" {
			t.Errorf("at the end %q is written, want the line taken away", got)
		}
		b.Reset()
		console.Notef("plain")
		if b.String() != "plain\n" {
			t.Errorf("without a live line a note is %q", b.String())
		}
	})
}

func TestTheLiveLineIsCutToTheTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		live := summary.NewLive(summary.NewConsole(&b), func() int { return 10 }, func() summary.Picture {
			return summary.Picture{Status: pipeline.Status{State: pipeline.StateDraining}, Size: -1}
		})
		live.Start()
		synctest.Wait()
		if got := b.String(); got != "\r\x1b[Kdraining:" {
			t.Errorf("got %q", got)
		}
		live.Stop()
	})
}
