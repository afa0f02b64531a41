package api

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"sluice/control"
	"sluice/pipeline"
)

func TestEveryCommandAnswersWithTheStatus(t *testing.T) {
	w := newWorld(t, nil)
	for _, step := range []struct {
		method, path, body string
		state              string
	}{
		{"GET", "/v1/status", "", `"idle"`},
		{"POST", "/v1/stop", "", `"idle"`},
		{"POST", "/v1/start", "", `"running"`},
		{"POST", "/v1/start?wait=false", "", `"running"`},
		{"POST", "/v1/pause", "", `"paused"`},
		{"POST", "/v1/resume", "", `"running"`},
		{"POST", "/v1/stages/enrich/pause", "", `"running"`},
		{"POST", "/v1/stages/enrich/resume", "", `"running"`},
		{"PATCH", "/v1/stages/enrich", `{"workers": 5}`, `"running"`},
		{"PATCH", "/v1/stages/enrich/lanes/low", `{"full": "drop-oldest"}`, `"running"`},
		{"GET", "/v1/status", "", `"running"`},
		{"POST", "/v1/stop?mode=drain&timeout=30s&wait=true", "", `"stopped"`},
		{"POST", "/v1/stop?mode=now", "", `"stopped"`},
		{"GET", "/v1/status", "", `"stopped"`},
	} {
		got := w.do(request{method: step.method, path: step.path, body: step.body}).want(200, "").has("state", step.state)
		for _, field := range []string{"state", "since", "runs", "instance", "pid", "version", "last_record", "last_error", "bottleneck", "ledger", "stages"} {
			if _, ok := got.fields[field]; !ok {
				t.Errorf("%s: the status has no %s: %s", got.what, field, got.body)
			}
		}
	}
}

func TestCommandsShowInTheStatus(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	w.do(request{method: "POST", path: "/v1/stages/enrich/pause"}).want(200, "")
	got := w.do(request{method: "PATCH", path: "/v1/stages/enrich", body: `{"workers": 7}`}).want(200, "")
	enrich := got.fields["stages"].([]any)[1].(map[string]any)
	if enrich["name"] != "enrich" || enrich["paused"] != true || enrich["workers"] != 7.0 {
		t.Errorf("enrich is shown as %v", enrich)
	}
}

func TestAChangeOfALaneShowsInTheStatus(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	low := func(got *reply) map[string]any {
		return got.want(200, "").fields["stages"].([]any)[1].(map[string]any)["lanes"].([]any)[3].(map[string]any)
	}
	change := func(body string) map[string]any {
		return low(w.do(request{method: "PATCH", path: "/v1/stages/enrich/lanes/low", body: body}))
	}
	if got := change(`{"capacity": 7, "weight": 3, "full": "drop-newest", "dropped": "dead-letter", "max_wait": "1m30s"}`); got["capacity"] != 7.0 || got["full"] != "drop-newest" {
		t.Errorf("low is shown as %v", got)
	}
	if got := change(`{"max_wait": "0"}`); got["capacity"] != 7.0 || got["full"] != "drop-newest" {
		t.Errorf("after another change low is shown as %v", got)
	}
	w.do(request{method: "POST", path: "/v1/stop"}).want(200, "")
	w.start()
	if got := low(w.do(request{method: "GET", path: "/v1/status"})); got["capacity"] != 4096.0 || got["full"] != "wait" {
		t.Errorf("in the next run low is shown as %v, want it as configured", got)
	}
}

func TestAStopThatIsNotWaitedForIsUnderWay(t *testing.T) {
	hold := make(chan struct{})
	w := newWorld(t, nil)
	w.sink.hold = hold
	w.start()
	w.do(request{method: "POST", path: "/v1/records?ack=accepted", body: `{"a":1}`}).want(200, "")
	w.do(request{method: "POST", path: "/v1/stop?wait=false"}).want(202, "").has("state", `"draining"`)
	w.do(request{method: "POST", path: "/v1/pause"}).want(409, "conflict").says("the run is draining")
	w.do(request{method: "POST", path: "/v1/start"}).want(409, "conflict").says("still draining")
	close(hold)
	got := w.do(request{method: "POST", path: "/v1/stop"}).want(200, "").has("state", `"stopped"`)
	if ledger := got.fields["ledger"].(map[string]any); ledger["persisted"] != 1.0 {
		t.Errorf("the ledger is %v", ledger)
	}
}

func TestCommandsThatAreRefused(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	for _, test := range []struct {
		name               string
		method, path, body string
		status             int
		code, says         string
	}{
		{"an unknown stage", "POST", "/v1/stages/parse/pause", "", 404, "no_stage", `there is no stage "parse"; expected validate, enrich, persist`},
		{"an unknown stage to resume", "POST", "/v1/stages/parse/resume", "", 404, "no_stage", `"parse"`},
		{"an unknown stage to resize", "PATCH", "/v1/stages/parse", `{"workers": 2}`, 404, "no_stage", `"parse"`},
		{"no workers", "PATCH", "/v1/stages/enrich", `{"workers": 0}`, 400, "bad_parameter", "0 workers; expected 1 to 1024"},
		{"an empty body", "PATCH", "/v1/stages/enrich", "", 400, "bad_body", `expected a body like {"workers": 4}`},
		{"a body without workers", "PATCH", "/v1/stages/enrich", `{}`, 400, "bad_body", "workers is missing"},
		{"a body with something else", "PATCH", "/v1/stages/enrich", `{"workers": 2, "lanes": 3}`, 400, "bad_body", `unknown field "lanes"`},
		{"workers that are no number", "PATCH", "/v1/stages/enrich", `{"workers": "2"}`, 400, "bad_body", "cannot unmarshal string"},
		{"a body with more behind it", "PATCH", "/v1/stages/enrich", `{"workers": 2} {"workers": 3}`, 400, "bad_body", "there is more behind the object"},
		{"a lane of an unknown stage", "PATCH", "/v1/stages/parse/lanes/low", `{"weight": 2}`, 404, "no_stage", `set lane: there is no stage "parse"; expected validate, enrich, persist`},
		{"an unknown lane", "PATCH", "/v1/stages/enrich/lanes/urgent", `{"weight": 2}`, 404, "no_lane", `unknown lane "urgent": expected critical, high, normal or low`},
		{"an empty body for a lane", "PATCH", "/v1/stages/enrich/lanes/low", "", 400, "bad_body", `expected a body like {"full": "drop-oldest", "capacity": 100, "max_wait": "2s"}`},
		{"a change of nothing", "PATCH", "/v1/stages/enrich/lanes/low", `{}`, 400, "bad_parameter", "nothing is to change; expected one of capacity, weight, full, dropped and max_wait"},
		{"an unknown key of a lane", "PATCH", "/v1/stages/enrich/lanes/low", `{"reserve": 1}`, 400, "bad_body", `unknown field "reserve"`},
		{"a capacity that is no number", "PATCH", "/v1/stages/enrich/lanes/low", `{"capacity": "9"}`, 400, "bad_body", "cannot unmarshal string"},
		{"a max_wait without unit", "PATCH", "/v1/stages/enrich/lanes/low", `{"max_wait": "2"}`, 400, "bad_body", `max_wait is "2", which is no duration with its unit`},
		{"all mistakes of a lane at once", "PATCH", "/v1/stages/enrich/lanes/low", `{"capacity": 0, "weight": 1001, "full": "drop", "dropped": "", "max_wait": "-1s"}`, 400, "bad_parameter",
			`set lane low of enrich: capacity: 0; expected at least 1 record; weight: 1001; expected 1 to 1000; full: "drop"; expected wait, drop-write, drop-oldest or drop-newest; ` +
				`dropped: ""; expected count or dead-letter; max_wait: -1s; expected a time that is not negative`},
		{"a parameter for a lane", "PATCH", "/v1/stages/enrich/lanes/low?capacity=3", `{"weight": 2}`, 400, "bad_parameter", `there is no parameter "capacity" here`},
		{"a mode that is none", "POST", "/v1/stop?mode=soon", "", 400, "bad_parameter", `the mode is "soon"; expected drain or now`},
		{"a timeout without unit", "POST", "/v1/stop?timeout=30", "", 400, "bad_parameter", `timeout is "30"; expected a duration with its unit`},
		{"a negative timeout", "POST", "/v1/stop?timeout=-3s", "", 400, "bad_parameter", "expected a duration"},
		{"wait that is neither", "POST", "/v1/stop?wait=maybe", "", 400, "bad_parameter", `wait is "maybe"; expected true or false`},
		{"a misspelt parameter", "POST", "/v1/stop?timout=3s", "", 400, "bad_parameter", `there is no parameter "timout" here; expected mode, timeout, wait`},
		{"a parameter where there is none", "POST", "/v1/pause?wait=true", "", 400, "bad_parameter", "this endpoint takes none"},
		{"a parameter twice", "POST", "/v1/start?wait=true&wait=false", "", 400, "bad_parameter", "given 2 times"},
		{"a query that is none", "GET", "/v1/status?a=%zz", "", 400, "bad_parameter", "not well formed"},
		{"an unknown path", "GET", "/v2/status", "", 404, "not_found", "there is nothing at /v2/status"},
		{"the root", "GET", "/", "", 404, "not_found", "the API is under /v1"},
		{"metrics when there are none", "GET", "/metrics", "", 404, "not_found", "/metrics"},
	} {
		t.Run(test.name, func(t *testing.T) {
			do(t, w.handler, request{method: test.method, path: test.path, body: test.body}).want(test.status, test.code).says(test.says)
		})
	}
	w.do(request{method: "POST", path: "/v1/stop"}).want(200, "")
	w.do(request{method: "POST", path: "/v1/pause"}).want(409, "conflict").says("there is no run (the state is stopped); start one first")
	w.do(request{method: "PATCH", path: "/v1/stages/enrich", body: `{"workers": 2}`}).want(409, "conflict")
	w.do(request{method: "PATCH", path: "/v1/stages/enrich/lanes/low", body: `{"weight": 2}`}).want(409, "conflict").says("set lane: there is no run")
}

func TestAWrongMethodIsToldTheRightOnes(t *testing.T) {
	w := newWorld(t, func(c *Config, _ *pipeline.Config) { c.Metrics = http.NotFoundHandler() })
	for path, allow := range map[string]string{
		"/v1/start": "POST", "/v1/stop": "POST", "/v1/pause": "POST", "/v1/resume": "POST",
		"/v1/stages/enrich/pause": "POST", "/v1/stages/enrich/resume": "POST", "/v1/stages/enrich": "PATCH", "/v1/stages/enrich/lanes/low": "PATCH",
		"/v1/status": "GET", "/v1/records": "POST", "/livez": "GET", "/readyz": "GET", "/metrics": "GET",
	} {
		got := w.do(request{method: "DELETE", path: path}).want(405, "method_not_allowed").says(path + " is asked for with " + allow)
		if got.header.Get("Allow") != allow {
			t.Errorf("%s: Allow is %q, want %q", path, got.header.Get("Allow"), allow)
		}
	}
}

// commander answers every command with the same error.
type commander struct{ err error }

func (c commander) Do(context.Context, control.Command) (control.Answer, error) {
	return control.Answer{}, c.err
}

func TestWhatTheLoopRefusesIsMapped(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		code   string
		retry  string
	}{
		{control.ErrBusy, 503, "busy", "1"},
		{control.ErrEnded, 503, "shutting_down", ""},
		{&control.RefusedError{Kind: control.ErrConflict, Reason: "r"}, 409, "conflict", ""},
		{context.Canceled, 504, "outcome_unknown", ""},
		{errors.New("a defect"), 500, "internal", ""},
	} {
		h, err := NewHandler(Config{Commander: commander{test.err}})
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"/v1/status", "/readyz"} {
			got := do(t, h, request{method: "GET", path: path}).want(test.status, test.code)
			if got.header.Get("Retry-After") != test.retry {
				t.Errorf("%v: Retry-After is %q, want %q", test.err, got.header.Get("Retry-After"), test.retry)
			}
		}
	}
}

func TestMetricsComeFromTheirHandler(t *testing.T) {
	w := newWorld(t, func(c *Config, _ *pipeline.Config) {
		c.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("up 1\n")) })
	})
	if got := w.do(request{method: "GET", path: "/metrics"}).want(200, ""); got.body != "up 1\n" {
		t.Errorf("got %q", got.body)
	}
}
