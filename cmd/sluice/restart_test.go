package main

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"sluice/control"
)

// restarts is how often a run is stopped and another started.
const restarts = 100

// restart stops the run and starts the next, again and again, and returns how
// many records all of them have accepted.
func restart(t *testing.T, s *serving) (accepted int64) {
	t.Helper()
	for range restarts {
		stopped := s.command("POST", "/v1/stop", "")
		if l := stopped.Ledger; !l.Closes() || l.InFlight != 0 || l.Left != 0 || l.Persisted != l.Accepted {
			t.Fatalf("run %d ended with %+v", stopped.Runs, l)
		}
		accepted += stopped.Ledger.Accepted
		s.command("POST", "/v1/start", "")
		if p := s.post("", ""); p.Code != http.StatusOK {
			t.Fatalf("a post right after a start: %+v", p)
		}
	}
	return accepted
}

func TestNoLineOfStdinIsLostBetweenAHundredRuns(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": table})
	inR, inW := pipe(t)
	s := serve(t, inR, nil, "serve", "--stdin")
	inR.Close()
	var enough atomic.Bool
	written := make(chan int, 1)
	go func() { written <- numberedUntil(inW, &enough) }()

	accepted := restart(t, s)
	enough.Store(true)
	total := <-written
	s.until(func(s control.Status) bool { return accepted+s.Ledger.Persisted == int64(total) })
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d\n%s", got, s.stderr())
	}
	expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n), max(n) FROM t", fmt.Sprintf("%d|%d|%d", total, total, total-1))
	expectRows(t, "out.db", "SELECT count(*) FROM dead_letters", "0")
	t.Logf("%d records over %d runs", total, restarts+1)
}

// numberedUntil writes numbered records in pieces that end in the middle of
// lines, until it is enough, and returns how many.
func numberedUntil(w io.WriteCloser, enough *atomic.Bool) (n int) {
	defer w.Close()
	var text []byte
	for !enough.Load() {
		for range 40 {
			text = fmt.Appendf(text, `{"n":%d,"level":"low"}`+"\n", n)
			n++
		}
		cut := len(text) - 7
		if _, err := w.Write(text[:cut]); err != nil {
			return -1
		}
		text = append(text[:0], text[cut:]...)
	}
	if _, err := w.Write(text); err != nil {
		return -1
	}
	return n
}

func TestNoPostedRecordIsLostBetweenAHundredRuns(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": table})
	s := serve(t, nil, nil, "serve")
	var next atomic.Int64
	var enough atomic.Bool
	var senders sync.WaitGroup
	for range 4 {
		senders.Go(func() {
			for !enough.Load() {
				first := next.Add(500) - 500
				body := make([]string, 500)
				for i := range body {
					body[i] = fmt.Sprintf(`{"n":%d,"level":"low"}`+"\n", first+int64(i))
				}
				s.postAll(body)
			}
		})
	}
	accepted := restart(t, s)
	enough.Store(true)
	senders.Wait()
	accepted += s.status().Ledger.Accepted
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d\n%s", got, s.stderr())
	}
	total := next.Load()
	if accepted != total {
		t.Errorf("%d records were accepted, want %d", accepted, total)
	}
	expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n), max(n) FROM t", fmt.Sprintf("%d|%d|%d", total, total, total-1))
	t.Logf("%d records over %d runs", total, restarts+1)
}

// postAll posts lines until each was answered as settled: what an answer names
// as not taken in is sent again.
func (s *serving) postAll(body []string) {
	for len(body) > 0 {
		p := s.post("", strings.Join(body, ""))
		if p.Persisted != p.Accepted {
			s.t.Errorf("the answer to a post leaves records unsettled: %+v", p)
			return
		}
		switch {
		case p.Code == http.StatusOK && p.Accepted == int64(len(body)):
			return
		case p.Code != http.StatusServiceUnavailable:
			s.t.Errorf("the answer to a post: %+v", p)
			return
		}
		rest := notTaken(body, p)
		if int(p.Accepted)+len(rest) != len(body) {
			s.t.Errorf("of %d lines %d were accepted and %d not: %+v", len(body), p.Accepted, len(rest), p)
			return
		}
		body = rest
	}
}

// notTaken returns the lines that an answer names as refused, or that stand
// behind the place where it stopped.
func notTaken(body []string, p posted) (rest []string) {
	for i, line := range body {
		number := int64(i + 1)
		if p.Line > 0 && number >= p.Line || slices.Contains(p.Refused, number) || p.Accepted == 0 && len(p.Refused) == 0 {
			rest = append(rest, line)
		}
	}
	return rest
}

func TestControlUnderFullLoad(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": table})
	inR, inW := pipe(t)
	s := serve(t, inR, nil, "serve", "--stdin")
	inR.Close()
	go endless(inW)
	s.until(func(s control.Status) bool { return s.Ledger.Persisted > 10_000 })

	s.command("POST", "/v1/pause", "")
	// What was on its way when the pause came is finished; then nothing moves.
	before := s.until(func(now control.Status) bool { return now.Ledger == s.status().Ledger })
	for range 20 {
		now := s.status()
		if now.Ledger.Accepted != before.Ledger.Accepted {
			t.Fatalf("paused, the source is read on: %+v, then %+v", before.Ledger, now.Ledger)
		}
		for _, stage := range now.Stages {
			for _, lane := range stage.Lanes {
				if lane.Depth > lane.Capacity {
					t.Errorf("%s %s: %d of %d", stage.Name, lane.Lane, lane.Depth, lane.Capacity)
				}
			}
		}
	}
	s.command("POST", "/v1/resume", "")
	for i, stage := range []string{"validate", "enrich", "persist"} {
		for _, workers := range []int{7, 1, 3} {
			got := s.command("PATCH", "/v1/stages/"+stage, fmt.Sprintf(`{"workers": %d}`, workers))
			if got.Stages[i].Workers != workers {
				t.Errorf("%s has %d workers, want %d", stage, got.Stages[i].Workers, workers)
			}
		}
		s.command("POST", "/v1/stages/"+stage+"/pause", "")
		s.command("POST", "/v1/stages/"+stage+"/resume", "")
	}
	on := s.status().Ledger.Persisted
	s.until(func(s control.Status) bool { return s.Ledger.Persisted > on+10_000 })
	stopped := s.command("POST", "/v1/stop", "")
	l := stopped.Ledger
	if !l.Closes() || l.InFlight != 0 || l.Left != 0 || l.Persisted != l.Accepted {
		t.Errorf("the run ended with %+v", l)
	}
	s.command("POST", "/v1/start", "")
	s.until(func(s control.Status) bool { return s.Ledger.Persisted > 1000 })
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d\n%s", got, s.stderr())
	}
	expectRows(t, "out.db", "SELECT count(*) = max(n) + 1, count(*) = count(DISTINCT n) FROM t", "1|1")
}
