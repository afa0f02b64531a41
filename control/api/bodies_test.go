package api

import (
	"context"
	"errors"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/ingest"
)

// withBodies is inBubble with the source of bodies that sluice has, over a run
// of its own. stop ends the run as a stop does.
func withBodies(t *testing.T, test func(p *pipeline.Pipeline, stop func(), dial func() *client)) {
	t.Helper()
	var bodies *ingest.Bodies
	inBubble(t, func(c *Config, _ *pipeline.Config) {
		bodies = ingest.NewBodies(ingest.Config{Rule: pipeline.DefaultLaneRule()}, ingest.BodyLimits{})
		c.Poster = bodies
	}, func(_ *world, dial func() *client) {
		p, err := pipeline.New(pipeline.Config{Sink: &memorySink{}, Stages: []pipeline.StageConfig{{Name: "s"}}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- p.Run(ctx, bodies) }()
		<-bodies.Ready()
		stop := func() { cancel(pipeline.ErrStopped) }
		test(p, stop, dial)
		stop()
		if err := <-ended; !errors.Is(err, pipeline.ErrStopped) {
			t.Error(err)
		}
	})
}

func TestARealBodyMayTakeItsTime(t *testing.T) {
	withBodies(t, func(_ *pipeline.Pipeline, _ func(), dial func() *client) {
		c := dial()
		c.send("POST /v1/records?timeout=1h HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60\r\n\r\n")
		for range 60 / 3 {
			time.Sleep(DefaultReadTimeout - time.Second)
			c.send("{}\n")
		}
		c.answer().want(200, "").has("persisted", "20")
		c.Close()
	})
}

func TestARealBodyWaitsForAPausedRun(t *testing.T) {
	withBodies(t, func(p *pipeline.Pipeline, _ func(), dial func() *client) {
		if err := p.Pause(); err != nil {
			t.Fatal(err)
		}
		c := dial()
		c.send("POST /v1/records?timeout=10m HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n\r\n{}\n{}\n")
		time.Sleep(5 * time.Minute)
		if err := p.Resume(); err != nil {
			t.Fatal(err)
		}
		c.answer().want(200, "").has("persisted", "2")
		c.Close()
	})
}

const halfABody = "POST /v1/records?timeout=%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{}\n{}\n{}\n{\"a\""

func TestAPartOfARealBodyIsToldOf(t *testing.T) {
	for _, tt := range []struct {
		name, timeout string
		then          func(c *client, stop func())
		status        int
		code          string
		took          time.Duration
	}{
		{"the sender stalls", "1h", func(*client, func()) {}, 408, "body_stalled", DefaultReadTimeout},
		{"the time is up", "3s", func(*client, func()) {}, 504, "timed_out", 3 * time.Second},
		{"the run stops", "1h", func(_ *client, stop func()) { stop() }, 503, "no_run", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withBodies(t, func(_ *pipeline.Pipeline, stop func(), dial func() *client) {
				c := dial()
				c.send(halfABody, tt.timeout)
				begin := time.Now()
				time.Sleep(time.Millisecond)
				tt.then(c, stop)
				c.answer().want(tt.status, tt.code).has("line", "4")
				if took := time.Since(begin).Truncate(time.Second); took != tt.took {
					t.Errorf("it took %v, want %v", took, tt.took)
				}
				c.Close()
			})
		})
	}
}
