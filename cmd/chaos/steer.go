//go:build unix

package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// steered does a run that is to be killed while it is told to pause, to go on, to
// change its workers, to stop and to start, and to replay its dead letters.
func (t *trial) steered() (bool, error) {
	at := ""
	if t.rng.IntN(2) == 0 {
		at = t.moment().spec(t.rng).String()
	}
	c, err := t.start(at)
	if err != nil {
		return false, err
	}
	s := &steersman{rng: rand.New(rand.NewPCG(t.rng.Uint64(), t.rng.Uint64())), child: c, done: map[string]int{}}
	var wg sync.WaitGroup
	wg.Go(s.steer)
	c.killAfter(4 * t.limit())
	wg.Wait()
	for what, n := range s.done {
		t.events["a running process was told to "+what] += n
	}
	t.note("steered (%v), to end %q, %s: %s", s.order, at, t.now, c)
	_, err = t.settle(c)
	return false, err
}

// steersman sends commands to a process until it ends.
type steersman struct {
	rng   *rand.Rand
	child *child
	url   string
	done  map[string]int
	order []string
}

// orders are the commands, by what they are called.
var orders = []struct{ name, method, path, body string }{
	{"pause", "POST", "/v1/pause", ""},
	{"resume", "POST", "/v1/resume", ""},
	{"resume", "POST", "/v1/resume", ""},
	{"pause a stage", "POST", "/v1/stages/%s/pause", ""},
	{"resume a stage", "POST", "/v1/stages/%s/resume", ""},
	{"resume a stage", "POST", "/v1/stages/%s/resume", ""},
	{"change its workers", "PATCH", "/v1/stages/%s", `{"workers": %d}`},
	{"stop", "POST", "/v1/stop", ""},
	{"stop at once", "POST", "/v1/stop?mode=now", ""},
	{"start", "POST", "/v1/start", ""},
	{"start", "POST", "/v1/start", ""},
	{"replay", "POST", "/v1/dead-letters/replay", ""},
}

func (s *steersman) steer() {
	s.url = s.child.url()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-s.child.ended
		cancel()
	}()
	for ctx.Err() == nil && s.url != "" {
		s.command(ctx)
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(s.rng.IntN(20)) * time.Millisecond):
		}
	}
}

// command sends one of the orders. An answer that refuses it is one, too.
func (s *steersman) command(ctx context.Context) {
	o := orders[s.rng.IntN(len(orders))]
	path, body := o.path, o.body
	if strings.Contains(path, "%s") {
		path = fmt.Sprintf(path, []string{"validate", "enrich", "persist"}[s.rng.IntN(3)])
	}
	if body != "" {
		body = fmt.Sprintf(body, 1+s.rng.IntN(8))
	}
	request, err := http.NewRequestWithContext(ctx, o.method, s.url+path, strings.NewReader(body))
	if err != nil {
		panic(err) // the path is ours
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return // the process has ended
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	_ = answer.Body.Close()
	s.done[o.name]++
	s.order = append(s.order, o.name)
}

// url waits until the process says where it listens, and returns "" when it
// ends before.
func (c *child) url() string {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for {
		_, after, ok := strings.Cut(c.stderr.String(), "sluice: listening on ")
		if url, _, whole := strings.Cut(after, "\n"); ok && whole {
			return url
		}
		select {
		case <-c.ended:
			return ""
		case <-look.C:
		}
	}
}
