package ingest

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

// limited is a run of bodies with a common limit.
func limited(t *testing.T, rate pipeline.RateConfig) *served {
	t.Helper()
	s := &served{t: t, bodies: NewBodies(normalRule, BodyLimits{}), sink: &bodySink{},
		change: func(c *pipeline.Config) { c.Rate = rate }}
	s.start()
	return s
}

func TestAPostBeyondARateLimit(t *testing.T) {
	const lines = 1000
	for name, c := range map[string]struct {
		over    pipeline.RateOver
		dropped pipeline.DropTo
		timeout time.Duration
		want    pipeline.PostResult // without the lines
		refused int
		took    time.Duration
		after   time.Duration // 0 for no *RateError
		err     error
	}{
		"waits":                               {over: "wait", timeout: time.Hour, want: pipeline.PostResult{Accepted: lines, Persisted: lines, Durable: true}, took: 9500 * time.Millisecond},
		"waits no longer than it will":        {over: "wait", timeout: 4255 * time.Millisecond, want: pipeline.PostResult{Accepted: 475, Persisted: 475}, refused: 525, took: 4255 * time.Millisecond, err: pipeline.ErrTimeout},
		"is refused when it would not wait":   {over: "wait", want: pipeline.PostResult{Accepted: 50, Persisted: 50, Durable: true}, refused: 950, after: 500 * time.Millisecond, err: pipeline.ErrRateLimited},
		"is refused when it may not wait":     {over: "reject", timeout: time.Hour, want: pipeline.PostResult{Accepted: 50, Persisted: 50, Durable: true}, refused: 950, after: 500 * time.Millisecond, err: pipeline.ErrRateLimited},
		"is dropped, and hears of it":         {over: "drop", timeout: time.Hour, want: pipeline.PostResult{Accepted: lines, Persisted: 50, Dropped: 950, Durable: true}},
		"makes dead letters, and hears of it": {over: "drop", dropped: "dead-letter", timeout: time.Hour, want: pipeline.PostResult{Accepted: lines, Persisted: 50, Dead: 950, Durable: true}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := limited(t, pipeline.RateConfig{Limit: 100, Burst: 50, Over: c.over, Dropped: c.dropped})
				begin := time.Now()
				got, err := s.post(numberedBody("n", lines), pipeline.PostOptions{Timeout: c.timeout})
				if took := time.Since(begin); took != c.took || !errors.Is(err, c.err) {
					t.Errorf("took %v with error %v, want %v and %v", took, err, c.took, c.err)
				}
				if refused := numbers(int64(lines-c.refused)+1, lines); !slices.Equal(got.Refused, refused) {
					t.Errorf("%d lines refused, want the last %d", len(got.Refused), c.refused)
				}
				limit, ok := errors.AsType[*pipeline.RateError](err)
				if ok != (c.after > 0) || ok && limit.After(len(got.Refused)) != c.after {
					t.Errorf("%+v, want one that says %v", limit, c.after)
				}
				if c.want.Dead > 0 && (len(got.Errors) != MaxBodyErrors || got.Errors[0].Line != 51 || got.Errors[0].Code != "dropped_rate") {
					t.Errorf("errors %+v", got.Errors)
				}
				got.Refused, got.Errors = nil, nil
				if got.Accepted != c.want.Accepted || got.Persisted != c.want.Persisted || got.Dead != c.want.Dead ||
					got.Dropped != c.want.Dropped || c.err == nil && got.Durable != c.want.Durable {
					t.Errorf("%+v, want %+v", got, c.want)
				}
				s.end()
			})
		})
	}
}

func TestManyPostsShareARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := limited(t, pipeline.RateConfig{Limit: 100, Burst: 1})
		results := make(chan pipeline.PostResult)
		for range 20 {
			go func() {
				got, err := s.post(numberedBody("n", 50), pipeline.PostOptions{Timeout: 5 * time.Second})
				if err != nil && !errors.Is(err, pipeline.ErrTimeout) {
					t.Error(err)
				}
				results <- got
			}()
		}
		var accepted, refused int64
		for range 20 {
			got := <-results
			accepted += got.Accepted
			refused += int64(len(got.Refused))
		}
		if accepted < 500 || accepted > 501 || accepted+refused != 1000 {
			t.Errorf("accepted %d and refused %d in 5 s, want 500 or 501 and the rest of 1000", accepted, refused)
		}
		s.end()
	})
}

func TestTheEndOfARunEndsTheWaitForARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := limited(t, pipeline.RateConfig{Limit: 1, Per: time.Hour, Burst: 3})
		time.AfterFunc(time.Minute, s.stop)
		got, err := s.post(numberedBody("n", 10), pipeline.PostOptions{Timeout: time.Hour})
		if !errors.Is(err, pipeline.ErrNoRun) || got.Persisted != 3 || len(got.Refused) != 7 {
			t.Errorf("%+v and error %v, want 3 persisted, 7 refused and ErrNoRun", got, err)
		}
		s.end()
	})
}
