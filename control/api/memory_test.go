package api

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

// counting is a Poster that takes one line in at each call, and answers with
// errs in turn.
type counting struct {
	calls int
	errs  []error
	took  int64
}

func (c *counting) Post(context.Context, io.Reader, pipeline.PostOptions) (pipeline.PostResult, error) {
	c.calls++
	var err error
	if len(c.errs) >= c.calls {
		err = c.errs[c.calls-1]
	}
	return pipeline.PostResult{Accepted: c.took, Persisted: int64(c.calls)}, err
}

func keyed(key string) request {
	return request{method: "POST", path: "/v1/records", body: "{}", header: map[string]string{"Idempotency-Key": key}}
}

func TestARequestWithAKeyIsTakenInOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &counting{took: 1}
		h := guarded(t, func(c *Config) { c.Poster = p })
		first := do(t, h, keyed("a")).want(200, "").has("persisted", "1")
		time.Sleep(rememberFor - 1)
		again := do(t, h, keyed("a")).want(200, "")
		if again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" || first.header.Get("Idempotency-Replayed") != "" {
			t.Errorf("the second answer is %q %v, the first %q", again.body, again.header, first.body)
		}
		do(t, h, keyed("b")).want(200, "").has("persisted", "2")
		other := keyed("a")
		other.path += "?lane=low"
		do(t, h, other).want(422, "key_reused")
		other = keyed("a")
		other.body = "{} "
		do(t, h, other).want(422, "key_reused")
		time.Sleep(time.Nanosecond)
		do(t, h, keyed("a")).want(200, "").has("persisted", "3") // forgotten
	})
}

func TestAFailureIsRememberedWhereSomethingWasTakenIn(t *testing.T) {
	t.Run("nothing was in: it is tried again", func(t *testing.T) {
		h := guarded(t, func(c *Config) { c.Poster = &counting{errs: []error{pipeline.ErrNoRun}} })
		do(t, h, keyed("a")).want(503, "no_run")
		do(t, h, keyed("a")).want(200, "").has("persisted", "2")
	})
	t.Run("lines are in: sending them again would double them", func(t *testing.T) {
		h := guarded(t, func(c *Config) { c.Poster = &counting{took: 4, errs: []error{pipeline.ErrTimeout}} })
		do(t, h, keyed("a")).want(504, "outcome_unknown")
		do(t, h, keyed("a")).want(504, "outcome_unknown").has("accepted", "4").has("persisted", "1")
	})
}

func TestARequestWithAKeyThatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		h := guarded(t, func(c *Config) {
			c.Poster = posterFunc(func(ctx context.Context, _ io.Reader, _ pipeline.PostOptions) (pipeline.PostResult, error) {
				<-hold
				return pipeline.PostResult{Accepted: 1, Persisted: 1}, ctx.Err()
			})
		})
		ctx, leave := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			r := httptest.NewRequestWithContext(ctx, "POST", "/v1/records", strings.NewReader("{}"))
			r.Host = "localhost"
			r.Header.Set("Idempotency-Key", "a")
			h.ServeHTTP(httptest.NewRecorder(), r)
		}()
		synctest.Wait()
		got := do(t, h, keyed("a")).want(409, "key_in_use")
		if got.header.Get("Retry-After") != "1" {
			t.Errorf("Retry-After is %q", got.header.Get("Retry-After"))
		}
		leave() // the client goes; what it sent is followed to its end
		synctest.Wait()
		close(hold)
		<-done
		do(t, h, keyed("a")).want(200, "").has("persisted", "1")
	})
}

func TestAPanicLeavesTheKeyWithAnUnknownOutcome(t *testing.T) {
	h := guarded(t, func(c *Config) {
		c.Poster = posterFunc(func(context.Context, io.Reader, pipeline.PostOptions) (pipeline.PostResult, error) {
			panic("a defect")
		})
	})
	func() {
		defer func() { _ = recover() }()
		do(t, h, keyed("a"))
	}()
	do(t, h, keyed("a")).want(504, "outcome_unknown")
}

func TestTheMemoryIsBounded(t *testing.T) {
	begin := time.Now()
	t.Run("in keys", func(t *testing.T) {
		m := newMemory()
		for i := range 3 * rememberKeys {
			_, s, _ := m.begin(fmt.Sprint(i), "", begin)
			s.end(answer{}, true, begin)
		}
		if len(m.keys) != rememberKeys || m.ended.Len() != rememberKeys {
			t.Errorf("%d keys, %d answers", len(m.keys), m.ended.Len())
		}
		if earlier, _, _ := m.begin(fmt.Sprint(3*rememberKeys-1), "", begin); earlier == nil {
			t.Error("the newest is forgotten")
		}
	})
	t.Run("in bytes", func(t *testing.T) {
		m := newMemory()
		for i := range 100 {
			_, s, _ := m.begin(fmt.Sprint(i), "", begin)
			s.end(answer{body: make([]byte, 1<<20)}, true, begin)
		}
		if m.bytes != rememberBytes || len(m.keys) != 8 {
			t.Errorf("%d bytes in %d keys", m.bytes, len(m.keys))
		}
	})
	t.Run("in requests under way", func(t *testing.T) {
		m := newMemory()
		for i := range rememberKeys {
			m.begin(fmt.Sprint(i), "", begin)
		}
		if _, _, bad := m.begin("one more", "", begin); bad == nil || bad.Code != "busy" {
			t.Errorf("one more: %v", bad)
		}
	})
	t.Run("in time", func(t *testing.T) {
		m := newMemory()
		_, s, _ := m.begin("a", "", begin)
		s.end(answer{}, true, begin)
		m.begin("b", "", begin.Add(rememberFor))
		if m.ended.Len() != 0 || len(m.keys) != 1 {
			t.Errorf("%d answers, %d keys", m.ended.Len(), len(m.keys))
		}
	})
}
