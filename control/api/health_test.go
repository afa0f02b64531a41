package api

import (
	"strings"
	"testing"
	"time"

	"sluice/control"
	"sluice/pipeline"
)

func TestReadyMeansRunning(t *testing.T) {
	w := newWorld(t, nil)
	for _, step := range []struct {
		command string
		status  int
		code    string
		says    string
	}{
		{"", 503, "not_ready", "the state is idle; ready means running"},
		{"/v1/start", 200, "", ""},
		{"/v1/pause", 503, "not_ready", "the state is paused"},
		{"/v1/resume", 200, "", ""},
		{"/v1/stop", 503, "not_ready", "the state is stopped"},
	} {
		if step.command != "" {
			w.do(request{method: "POST", path: step.command}).want(200, "")
		}
		w.do(request{method: "GET", path: "/readyz"}).want(step.status, step.code).says(step.says)
		w.do(request{method: "GET", path: "/livez"}).want(200, "")
	}
}

func TestReadyLimits(t *testing.T) {
	status := func(depth int, age float64) *control.Status {
		return &control.Status{State: pipeline.StateRunning, Stages: []control.Stage{
			{Name: "validate", Lanes: []control.Lane{{Lane: "critical"}}},
			{Name: "persist", Lanes: []control.Lane{{Lane: "high"}, {Lane: "low", Depth: depth, OldestAgeS: age}}},
		}}
	}
	for _, test := range []struct {
		name   string
		limits Ready
		status *control.Status
		want   string
	}{
		{"no limits", Ready{}, status(1e6, 1e6), ""},
		{"at the depth", Ready{MaxDepth: 10}, status(10, 0), ""},
		{"over the depth", Ready{MaxDepth: 10}, status(11, 0), "11 records wait in lane low before persist; control.ready.max_depth is 10"},
		{"at the age", Ready{MaxAge: 2 * time.Second}, status(0, 2), ""},
		{"over the age", Ready{MaxAge: 2 * time.Second}, status(0, 2.5), "the oldest record in lane low before persist has waited 2.5s; control.ready.max_age is 2s"},
		{"failed", Ready{}, &control.Status{State: pipeline.StateFailed, LastError: "the disk is full"}, "the run failed: the disk is full"},
	} {
		if got := test.limits.degraded(test.status); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestALaneThatFillsMakesItNotReady(t *testing.T) {
	hold := make(chan struct{})
	w := newWorld(t, func(c *Config, _ *pipeline.Config) { c.Ready.MaxDepth = 50 })
	w.sink.hold = hold
	w.start()
	w.do(request{method: "POST", path: "/v1/stages/enrich/pause"}).want(200, "")
	w.do(request{method: "POST", path: "/v1/records?ack=accepted", body: strings.Repeat("{}\n", 200)}).want(200, "")
	for { // until validate has passed them on: they all wait before enrich then
		got := w.do(request{method: "GET", path: "/readyz"})
		if got.status == 503 {
			got.want(503, "not_ready").says("control.ready.max_depth is 50")
			close(hold)
			return
		}
	}
}
