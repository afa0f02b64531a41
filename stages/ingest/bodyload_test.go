package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

// sender is one request of a crowd.
type sender struct {
	id       int
	encoding string
	body     []byte
	reader   io.Reader
	lines    []string // those of the body, in order
	got      pipeline.PostResult
	err      error
}

// newSender makes a body of about size bytes whose records nobody else has.
func newSender(t testing.TB, id, size int, encoding string) *sender {
	s := &sender{id: id, encoding: encoding}
	var b bytes.Buffer
	for i := 0; b.Len() < size; i++ {
		line := fmt.Sprintf(`{"sender":%d,"n":%d,"pad":"%s"}`, id, i, strings.Repeat("x", (id*31+i*17)%400))
		if id%50 == 7 && i%20 == 3 {
			line = fmt.Sprintf(`{"sender":%d,"n":%d,"pad":"%s"}`, id, i, strings.Repeat("y", 3*bodyBuffer))
		}
		s.lines = append(s.lines, line)
		b.WriteString(line + "\n")
	}
	switch encoding {
	case "gzip":
		s.body = gzipped(t, b.String())
	case "zstd":
		s.body = zstded(t, b.String())
	default:
		s.body = b.Bytes()
	}
	s.reader = bytes.NewReader(s.body)
	return s
}

// settled returns the lines that must be in the sink, and those that may.
func (s *sender) settled() (must, may []string) {
	first := int64(len(s.lines)) + 1
	if cut, ok := errors.AsType[*BodyError](s.err); ok {
		first = cut.Line
	} else if s.err == pipeline.ErrNoRun {
		first = 1
	}
	for i, line := range s.lines {
		n := int64(i + 1)
		switch {
		case n >= first || slices.Contains(s.got.Refused, n):
		case s.got.Persisted == s.got.Accepted:
			must = append(must, line)
		default:
			may = append(may, line)
		}
	}
	return must, may
}

// wantSettled compares the sink with the answers.
func wantSettled(t *testing.T, sink *bodySink, senders []*sender) {
	t.Helper()
	rows := map[string]int{}
	for _, row := range sink.rows {
		if rows[row]++; rows[row] > 1 {
			t.Fatalf("%.60s is there twice", row)
		}
	}
	for _, s := range senders {
		must, may := s.settled()
		if int64(len(must)+len(may)) != s.got.Accepted {
			t.Errorf("sender %d: %d accepted, by the numbers of lines %d; error %v", s.id, s.got.Accepted, len(must)+len(may), s.err)
		}
		for _, line := range must {
			if rows[line] != 1 {
				t.Fatalf("sender %d: %.60s was answered as persisted and is not there", s.id, line)
			}
			delete(rows, line)
		}
		for _, line := range may {
			delete(rows, line)
		}
	}
	for row := range rows {
		t.Fatalf("%.60s is there and was not taken in", row)
	}
}

func TestTwoHundredBodiesAtOnceStayWithinTheirMemory(t *testing.T) {
	const budget = 64 << 20
	rng := rand.New(rand.NewPCG(1, 2))
	var senders []*sender
	for id := range 200 {
		size := []int{1, 300, 5_000, 50_000, 200_000}[rng.IntN(5)]
		if id%80 == 0 {
			size = 2_000_000
		}
		if id == 1 {
			size = 10_000_000
		}
		senders = append(senders, newSender(t, id, size, []string{"", "gzip", "zstd"}[id%3]))
	}
	synctest.Test(t, func(t *testing.T) {
		b := NewBodies(normalRule, BodyLimits{})
		m := watchMemory(b)
		s := &served{t: t, bodies: b, sink: &bodySink{delay: time.Millisecond}, budget: budget, capacity: 1000}
		s.start()
		var wg sync.WaitGroup
		for _, one := range senders {
			switch one.id % 20 {
			case 3: // cut off in mid-body
				one.reader = io.MultiReader(bytes.NewReader(one.body[:len(one.body)/2]), iotest.ErrReader(io.ErrUnexpectedEOF))
			case 9: // stops sending
				one.reader = connect(bytes.NewReader(one.body[:len(one.body)/2]))
			}
			wg.Go(func() {
				lane := pipeline.Lane(one.id % pipeline.LaneCount)
				one.got, one.err = b.Post(t.Context(), one.reader, pipeline.PostOptions{Encoding: one.encoding, Lane: &lane, Timeout: time.Hour})
			})
		}
		wg.Wait()
		s.end()
		for _, one := range senders {
			if cutOff := one.id%20 == 3 || one.id%20 == 9; cutOff != errors.Is(one.err, pipeline.ErrBodyCutOff) || !cutOff && one.err != nil {
				t.Errorf("sender %d: error %v", one.id, one.err)
			}
		}
		wantSettled(t, s.sink, senders)
		t.Logf("buffers took %d KiB at most, of %d KiB on the account", m.peak.Load()>>10, m.account.Load()>>10)
		if m.account.Load() > budget/4 || m.peak.Load() > m.account.Load() {
			t.Errorf("bodies took %d bytes, %d of them for buffers; want at most a quarter of the budget", m.account.Load(), m.peak.Load())
		}
		if m.now.Load() > 64<<10 { // small ones that wait for the next body are not counted
			t.Errorf("%d bytes are still taken", m.now.Load())
		}
	})
}

// TestAHundredRunsTakeEachRecordOnce stops and starts while senders post all
// the time, some that wait and some that would not.
func TestAHundredRunsTakeEachRecordOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(3, 4))
		b := NewBodies(normalRule, BodyLimits{Memory: 4 * pieceCost})
		s := &served{t: t, bodies: b, sink: &bodySink{delay: 100 * time.Microsecond}, capacity: 50}
		var mu sync.Mutex
		var senders []*sender
		stop := make(chan struct{})
		var wg sync.WaitGroup
		for worker := range 8 {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(5, uint64(worker)))
				for i := 0; ; i++ {
					select {
					case <-stop:
						return
					case <-time.After(time.Duration(rng.IntN(3000)) * time.Microsecond):
					}
					one := newSender(t, worker*1_000_000+i*50, 1+rng.IntN(20)*rng.IntN(3000), []string{"", "gzip"}[rng.IntN(2)])
					one.reader = &slowly{iotest.HalfReader(one.reader), rng}
					o := pipeline.PostOptions{Encoding: one.encoding, Timeout: []time.Duration{0, time.Millisecond, time.Second}[rng.IntN(3)]}
					one.got, one.err = b.Post(t.Context(), one.reader, o)
					mu.Lock()
					senders = append(senders, one)
					mu.Unlock()
				}
			})
		}
		for range 100 {
			s.start()
			<-time.After(time.Duration(rng.IntN(10_000)) * time.Microsecond)
			s.stop()
			if err := <-s.done; !errors.Is(err, pipeline.ErrStopped) {
				t.Fatal(err)
			}
			if l := s.p.Status().Ledger; !l.Closes() || l.InFlight != 0 || l.Left != 0 {
				t.Fatalf("the ledger does not close: %+v", l.Counts)
			}
		}
		close(stop)
		wg.Wait()
		s.wantNoMemory()
		kinds := map[string]int{}
		for _, one := range senders {
			for _, kind := range []error{pipeline.ErrNoRun, pipeline.ErrFull, pipeline.ErrTimeout} {
				if errors.Is(one.err, kind) {
					kinds[kind.Error()]++
				}
			}
			if one.err == nil && one.got.Persisted != int64(len(one.lines)) {
				t.Errorf("sender %d: %d of %d persisted and no error", one.id, one.got.Persisted, len(one.lines))
			}
		}
		if len(kinds) < 3 {
			t.Errorf("of %d posts these failed: %v; want some of each kind", len(senders), kinds)
		}
		wantSettled(t, s.sink, senders)
	})
}

// slowly takes its time now and then.
type slowly struct {
	io.Reader
	rng *rand.Rand
}

func (s *slowly) Read(p []byte) (int, error) {
	if s.rng.IntN(4) == 0 {
		<-time.After(time.Duration(s.rng.IntN(2000)) * time.Microsecond)
	}
	return s.Reader.Read(p)
}
