package ingest

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

// wantParts fails unless each line from 1 to n is either in the sink or among
// those refused, and the refused ones are the last.
func wantParts(t *testing.T, s *served, got pipeline.PostResult, n int64) {
	t.Helper()
	if got.Accepted+int64(len(got.Refused)) != n {
		t.Errorf("accepted %d and refused %d, want %d in all", got.Accepted, len(got.Refused), n)
	}
	if !slices.Equal(got.Refused, numbers(n-int64(len(got.Refused))+1, n)) {
		t.Errorf("refused %v, want the last lines of %d", got.Refused, n)
	}
	want := strings.Fields(numberedBody("n", int(got.Accepted)))
	slices.Sort(want)
	if rows := s.sink.sorted(); !slices.Equal(rows, want) {
		t.Errorf("%d rows, want the first %d", len(rows), got.Accepted)
	}
}

func TestPostThatWouldNotWaitHearsWhichLinesFoundNoRoom(t *testing.T) {
	for _, n := range []int64{1, 100, 1000, maxRefused} {
		synctest.Test(t, func(t *testing.T) {
			s := &served{t: t, bodies: NewBodies(normalRule, BodyLimits{}), sink: &bodySink{hang: make(chan struct{})}, capacity: 10}
			s.start()
			time.AfterFunc(time.Second, func() { close(s.sink.hang) })
			got, err := s.post(numberedBody("n", int(n)), pipeline.PostOptions{})
			if _, cut := errors.AsType[*BodyError](err); n > 1 && (!errors.Is(err, pipeline.ErrFull) || cut) {
				t.Errorf("%d lines: error %v, want ErrFull of a body that was read to its end", n, err)
			}
			if n > 1 && (len(got.Refused) == 0 || got.Accepted == 0) {
				t.Errorf("accepted %d, refused %d", got.Accepted, len(got.Refused))
			}
			if got.Persisted != got.Accepted {
				t.Errorf("persisted %d of %d", got.Persisted, got.Accepted)
			}
			l := s.end()
			if l.Accepted != got.Accepted {
				t.Errorf("the ledger has %d accepted, the answer %d", l.Accepted, got.Accepted)
			}
			wantParts(t, s, got, n)
		})
	}
}

func TestPostNamesABoundedNumberOfRefusedLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &served{t: t, bodies: NewBodies(normalRule, BodyLimits{}), sink: &bodySink{hang: make(chan struct{})}, capacity: 10}
		s.start()
		time.AfterFunc(time.Second, func() { close(s.sink.hang) })
		got, err := s.post(numberedBody("n", 5*maxRefused), pipeline.PostOptions{})
		cut, _ := errors.AsType[*BodyError](err)
		if cut == nil || !errors.Is(err, pipeline.ErrFull) || len(got.Refused) < maxRefused || len(got.Refused) > maxRefused+maxPieceLines {
			t.Fatalf("%d refused, error %v", len(got.Refused), err)
		}
		s.end()
		wantParts(t, s, got, cut.Line-1)
	})
}

func TestPostWaitsForRoomUntilItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &served{t: t, bodies: NewBodies(normalRule, BodyLimits{}), sink: &bodySink{delay: time.Second}, capacity: 10}
		s.start()
		start := time.Now()
		got, err := s.post(numberedBody("n", 1000), pipeline.PostOptions{Timeout: 10 * time.Second})
		if !errors.Is(err, pipeline.ErrTimeout) || time.Since(start) != 10*time.Second {
			t.Errorf("error %v after %v, want ErrTimeout after 10s", err, time.Since(start))
		}
		if got.Persisted == 0 || got.Persisted >= got.Accepted || got.Durable {
			t.Errorf("persisted %d of %d, durable %v; want some and not all", got.Persisted, got.Accepted, got.Durable)
		}
		line := int64(1001)
		if cut, ok := errors.AsType[*BodyError](err); ok {
			line = cut.Line
		}
		s.end()
		wantParts(t, s, got, line-1)
	})
}

func TestPostIsAnsweredWhenItAskedToBe(t *testing.T) {
	tests := []struct {
		name      string
		ack       pipeline.Ack
		timeout   time.Duration
		want      error
		after     time.Duration
		persisted int64
	}{
		{"when all is settled", pipeline.AckPersisted, time.Minute, nil, 5 * time.Second, 3},
		{"unless told otherwise, too", "", time.Minute, nil, 5 * time.Second, 3},
		{"when all is settled, without waiting for room", pipeline.AckPersisted, 0, nil, 5 * time.Second, 3},
		{"when all is in", pipeline.AckAccepted, time.Minute, nil, 0, 0},
		{"when its time is over", pipeline.AckPersisted, time.Second, pipeline.ErrTimeout, time.Second, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{delay: 5 * time.Second})
				start := time.Now()
				got, err := s.post("{}\n{}\n{}\n", pipeline.PostOptions{Ack: tt.ack, Timeout: tt.timeout})
				if !errors.Is(err, tt.want) || time.Since(start) != tt.after {
					t.Errorf("error %v after %v, want %v after %v", err, time.Since(start), tt.want, tt.after)
				}
				wantCounts(t, got, 3, tt.persisted, 0, 0)
				if got.Durable != (tt.persisted == 3) || got.Refused != nil {
					t.Errorf("durable %v, refused %v", got.Durable, got.Refused)
				}
				if l := s.end(); l.Persisted != 3 {
					t.Errorf("persisted %d in the end", l.Persisted)
				}
			})
		})
	}
}

func TestPostToAPausedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{})
		if err := s.p.Pause(); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		got, err := s.post("{}\n", pipeline.PostOptions{})
		if !errors.Is(err, pipeline.ErrPaused) || time.Since(start) != 0 {
			t.Errorf("one that would not wait got %v after %v", err, time.Since(start))
		}
		wantCounts(t, got, 0, 0, 0, 0)
		whole := iotest.DataErrReader(strings.NewReader("{}\n{}"))
		got, err = s.bodies.Post(t.Context(), whole, pipeline.PostOptions{Timeout: time.Minute})
		if _, cut := errors.AsType[*BodyError](err); cut || !errors.Is(err, pipeline.ErrTimeout) || time.Since(start) != time.Minute || !slices.Equal(got.Refused, numbers(1, 2)) {
			t.Errorf("one that waited a minute got %v after %v, refused %v", err, time.Since(start), got.Refused)
		}
		time.AfterFunc(time.Second, func() {
			if err := s.p.Resume(); err != nil {
				t.Error(err)
			}
		})
		got, err = s.post("{}\n{}", pipeline.PostOptions{Timeout: time.Minute})
		if err != nil || time.Since(start) != time.Minute+time.Second {
			t.Errorf("one that waited for the end of the pause got %v after %v", err, time.Since(start))
		}
		wantCounts(t, got, 2, 2, 0, 0)
		s.end()
	})
}

func TestPostWithoutARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := NewBodies(normalRule, BodyLimits{})
		if _, err := b.Post(t.Context(), strings.NewReader("{}"), pipeline.PostOptions{}); err != pipeline.ErrNoRun {
			t.Errorf("before the first run: %v", err)
		}
		s := serve(t, b, &bodySink{})
		s.end()
		if _, err := b.Post(t.Context(), strings.NewReader("{}"), pipeline.PostOptions{}); err != pipeline.ErrNoRun {
			t.Errorf("after a run: %v", err)
		}
	})
}

func TestPostWhenTheRunStopsInMidBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{})
		body := &halting{rest: strings.NewReader(numberedBody("n", 3000) + "{\"torn"), release: make(chan struct{}), then: io.ErrUnexpectedEOF}
		type answer struct {
			pipeline.PostResult
			err error
		}
		answers := make(chan answer)
		go func() {
			res, err := s.bodies.Post(t.Context(), body, pipeline.PostOptions{Timeout: time.Hour})
			answers <- answer{res, err}
		}()
		synctest.Wait()
		start := time.Now()
		s.stop()
		if err := <-s.done; !errors.Is(err, pipeline.ErrStopped) || time.Since(start) != 0 {
			t.Errorf("the run ended with %v after %v, want at once", err, time.Since(start))
		}
		close(body.release)
		got := <-answers
		cut, _ := errors.AsType[*BodyError](got.err)
		if cut == nil || cut.Line != 3001 || !errors.Is(got.err, pipeline.ErrNoRun) {
			t.Errorf("error %v, want ErrNoRun from line 3001 on", got.err)
		}
		wantCounts(t, got.PostResult, 3000, 3000, 0, 0)
		wantParts(t, s, got.PostResult, 3000)
		s.wantNoMemory()
	})
}

func TestPostThatWaitsForRoomWhenTheRunStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &served{t: t, bodies: NewBodies(normalRule, BodyLimits{}), sink: &bodySink{hang: make(chan struct{})}, capacity: 10}
		s.start()
		time.AfterFunc(time.Second, s.stop)
		time.AfterFunc(2*time.Second, func() { close(s.sink.hang) })
		got, err := s.post(numberedBody("n", 100), pipeline.PostOptions{Timeout: time.Hour})
		if !errors.Is(err, pipeline.ErrNoRun) {
			t.Errorf("error %v, want ErrNoRun", err)
		}
		if got.Accepted == 0 || got.Persisted != got.Accepted {
			t.Errorf("persisted %d of %d: what was in is drained and answered for", got.Persisted, got.Accepted)
		}
		s.end()
		wantParts(t, s, got, 100)
	})
}

func TestPostWhoseRunIsAborted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{hang: make(chan struct{})})
		time.AfterFunc(time.Second, func() { s.p.Abort(nil) })
		got, err := s.post("{}\n", pipeline.PostOptions{Timeout: time.Hour})
		if !errors.Is(err, pipeline.ErrUnsettled) || got.Durable || got.Accepted != 1 {
			t.Errorf("%+v, error %v; want one accepted and ErrUnsettled", got, err)
		}
		if err := <-s.done; !errors.Is(err, pipeline.ErrAborted) {
			t.Error(err)
		}
	})
}

func TestPostChoosesTheLane(t *testing.T) {
	rule := pipeline.LaneRule{Field: "level", Map: map[string]pipeline.Lane{"fatal": pipeline.LaneCritical}, Default: pipeline.LaneNormal}
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, NewBodies(Config{Rule: rule}, BodyLimits{}), &bodySink{})
		low := pipeline.LaneLow
		for _, o := range []pipeline.PostOptions{{Timeout: time.Second}, {Timeout: time.Second, Lane: &low}} {
			if _, err := s.post("{\"level\":\"fatal\"}\n{}\n", o); err != nil {
				t.Error(err)
			}
		}
		l := s.end()
		want := [pipeline.LaneCount]int64{1, 0, 1, 2}
		for lane, n := range want {
			if l.Lanes[lane].Persisted != n {
				t.Errorf("%s has %d records, want %d", pipeline.Lane(lane), l.Lanes[lane].Persisted, n)
			}
		}
	})
}

func TestPostOfASenderThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &served{t: t, bodies: NewBodies(normalRule, BodyLimits{}), sink: &bodySink{delay: time.Second}, capacity: 10}
		s.start()
		gone := errors.New("gone")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(3500*time.Millisecond, func() { cancel(gone) })
		got, err := s.bodies.Post(ctx, strings.NewReader(numberedBody("n", 500)), pipeline.PostOptions{Timeout: time.Hour})
		if !errors.Is(err, gone) {
			t.Errorf("error %v, want that of its context", err)
		}
		line := int64(501)
		if cut, ok := errors.AsType[*BodyError](err); ok {
			line = cut.Line
		}
		s.end()
		wantParts(t, s, got, line-1)
	})
}
