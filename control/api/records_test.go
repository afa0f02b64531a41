package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
)

// posterFunc is a function as a Poster; nil takes everything in.
type posterFunc func(ctx context.Context, body io.Reader, o pipeline.PostOptions) (pipeline.PostResult, error)

func (f posterFunc) Post(ctx context.Context, body io.Reader, o pipeline.PostOptions) (pipeline.PostResult, error) {
	if f == nil {
		return pipeline.PostResult{}, nil
	}
	return f(ctx, body, o)
}

func TestRecordsGoThroughTheEngine(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	body := "{\"a\":1}\n\nnot json\n{\"a\":2}\n"
	got := w.do(request{method: "POST", path: "/v1/records", body: body}).want(200, "").
		has("accepted", "3").has("persisted", "2").has("dead", "1").has("dropped", "0").has("filtered", "0")
	errs := got.fields["errors"].([]any)
	first := errs[0].(map[string]any)
	if len(errs) != 1 || first["line"] != 3.0 || first["code"] != "not_json" || first["pointer"] != "" || first["message"] == "" {
		t.Errorf("the errors are %v", errs)
	}
	for _, field := range []string{"durable", "refused"} {
		if _, ok := got.fields[field]; ok {
			t.Errorf("an answer to ack=persisted has %s: %s", field, got.body)
		}
	}
	w.do(request{method: "POST", path: "/v1/records?ack=accepted", body: body}).want(200, "").
		has("accepted", "3").has("durable", "false")
	w.do(request{method: "POST", path: "/v1/records"}).want(200, "").has("accepted", "0").has("errors", "[]")
}

func TestWhatARequestAsksForReachesThePoster(t *testing.T) {
	high := pipeline.LaneHigh
	for _, test := range []struct {
		query, encoding string
		want            pipeline.PostOptions
	}{
		{"", "", pipeline.PostOptions{Ack: pipeline.AckPersisted, Timeout: 30 * time.Second}},
		{"?ack=accepted&timeout=0", "", pipeline.PostOptions{Ack: pipeline.AckAccepted}},
		{"?ack=persisted&timeout=1m30s&lane=high", "gzip", pipeline.PostOptions{Ack: pipeline.AckPersisted, Timeout: 90 * time.Second, Lane: &high, Encoding: "gzip"}},
		{"", "identity", pipeline.PostOptions{Ack: pipeline.AckPersisted, Timeout: 30 * time.Second}},
		{"", "X-GZIP", pipeline.PostOptions{Ack: pipeline.AckPersisted, Timeout: 30 * time.Second, Encoding: "gzip"}},
		{"", " zstd", pipeline.PostOptions{Ack: pipeline.AckPersisted, Timeout: 30 * time.Second, Encoding: "zstd"}},
	} {
		h := guarded(t, func(c *Config) {
			c.Poster = posterFunc(func(_ context.Context, body io.Reader, o pipeline.PostOptions) (pipeline.PostResult, error) {
				lane := func(o pipeline.PostOptions) string {
					if o.Lane == nil {
						return "by rule"
					}
					return o.Lane.String()
				}
				if o.Ack != test.want.Ack || o.Timeout != test.want.Timeout || o.Encoding != test.want.Encoding || lane(o) != lane(test.want) {
					t.Errorf("%s %s: asked for %+v, want %+v", test.query, test.encoding, o, test.want)
				}
				if text, err := io.ReadAll(body); string(text) != "x" || err != nil {
					t.Errorf("the body is %q, %v", text, err)
				}
				return pipeline.PostResult{}, nil
			})
		})
		do(t, h, request{method: "POST", path: "/v1/records" + test.query, body: "x", header: map[string]string{"Content-Encoding": test.encoding}}).want(200, "")
	}
}

func TestPostsThatAreRefused(t *testing.T) {
	h := guarded(t, func(*Config) {})
	for _, test := range []struct {
		name, query string
		header      map[string]string
		status      int
		code, says  string
	}{
		{"an unknown lane", "?lane=urgent", nil, 400, "bad_parameter", `unknown lane "urgent": expected critical, high, normal or low`},
		{"an unknown ack", "?ack=maybe", nil, 400, "bad_parameter", `ack is "maybe"; expected persisted or accepted`},
		{"a timeout that is none", "?timeout=soon", nil, 400, "bad_parameter", `timeout is "soon"`},
		{"a parameter that is none", "?priority=high", nil, 400, "bad_parameter", "expected lane, ack, timeout"},
		{"an encoding that is not read", "", map[string]string{"Content-Encoding": "br"}, 415, "encoding_not_supported", `Content-Encoding is "br"; expected gzip, zstd or none`},
		{"two encodings", "", map[string]string{"Content-Encoding": "gzip, zstd"}, 415, "encoding_not_supported", "expected gzip, zstd or none"},
		{"a key that is too long", "", map[string]string{"Idempotency-Key": strings.Repeat("k", 256)}, 400, "bad_parameter", "256 bytes long; expected at most 255"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := do(t, h, request{method: "POST", path: "/v1/records" + test.query, body: "{}", header: test.header}).want(test.status, test.code).says(test.says)
			if got.fields["parameter"] == nil {
				t.Errorf("no parameter is named: %s", got.body)
			}
			if got.status == 415 && got.header.Get("Accept-Encoding") != "gzip, zstd" {
				t.Errorf("Accept-Encoding is %q", got.header.Get("Accept-Encoding"))
			}
		})
	}
	none := guarded(t, func(c *Config) { c.Poster = nil })
	do(t, none, request{method: "POST", path: "/v1/records"}).want(503, "no_run").says("takes no records over HTTP")
}

// brokenAt is an error of a body that broke off at a line.
type brokenAt struct {
	line int64
	err  error
}

func (e brokenAt) Error() string   { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e brokenAt) Unwrap() error   { return e.err }
func (e brokenAt) BodyLine() int64 { return e.line }

func TestWhatAPostFailsWithIsMapped(t *testing.T) {
	for _, test := range []struct {
		err    error
		status int
		code   string
		retry  string
	}{
		{pipeline.ErrNoRun, 503, "no_run", "5"},
		{pipeline.ErrPaused, 503, "paused", "5"},
		{pipeline.ErrFull, 429, "lane_full", "1"},
		{pipeline.ErrUnsettled, 503, "unsettled", "5"},
		{errors.Join(pipeline.ErrNoRun, pipeline.ErrUnsettled), 503, "unsettled", "5"},
		{pipeline.ErrTimeout, 504, "outcome_unknown", ""},
		{context.Canceled, 504, "outcome_unknown", ""},
		{pipeline.ErrBodyTooLarge, 413, "body_too_large", ""},
		{&http.MaxBytesError{Limit: 77}, 413, "body_too_large", ""},
		{pipeline.ErrBadEncoding, 400, "bad_encoding", ""},
		{pipeline.ErrBodyCutOff, 400, "body_cut_off", ""},
		{io.ErrUnexpectedEOF, 400, "body_cut_off", ""},
		{fmt.Errorf("%w (%w)", pipeline.ErrBodyCutOff, os.ErrDeadlineExceeded), 408, "body_stalled", ""},
		{errors.New("a defect"), 500, "internal", ""},
	} {
		h := guarded(t, func(c *Config) {
			c.Poster = posterFunc(func(context.Context, io.Reader, pipeline.PostOptions) (pipeline.PostResult, error) {
				return pipeline.PostResult{Accepted: 5, Persisted: 3, Dead: 1, Refused: []int64{6, 8},
					Errors: []pipeline.LineError{{Line: 4, Code: "schema", Pointer: "/a", Message: "m"}}}, brokenAt{9, test.err}
			})
		})
		got := do(t, h, request{method: "POST", path: "/v1/records", body: "{}"}).want(test.status, test.code).
			has("line", "9").has("accepted", "5").has("persisted", "3").has("dead", "1").has("refused", "[6,8]").
			has("errors", `[{"code":"schema","line":4,"message":"m","pointer":"/a"}]`)
		if got.header.Get("Retry-After") != test.retry {
			t.Errorf("%v: Retry-After is %q, want %q", test.err, got.header.Get("Retry-After"), test.retry)
		}
		if close := got.header.Get("Connection") == "close"; close != (test.status == 413) {
			t.Errorf("%v: the connection is closed: %v", test.err, close)
		}
		if strings.Contains(got.fields["detail"].(string), "\n") {
			t.Errorf("the detail has several lines: %s", got.body)
		}
	}
}

func TestATimeOutThatLeavesNothingUnknownSaysSo(t *testing.T) {
	for _, test := range []struct {
		name   string
		result pipeline.PostResult
		code   string
	}{
		{"nothing was taken in", pipeline.PostResult{Refused: []int64{1}}, "timed_out"},
		{"what was is settled", pipeline.PostResult{Accepted: 4, Persisted: 1, Dead: 1, Dropped: 1, Filtered: 1, Refused: []int64{5}}, "timed_out"},
		{"some is on its way", pipeline.PostResult{Accepted: 4, Persisted: 3}, "outcome_unknown"},
	} {
		h := guarded(t, func(c *Config) {
			c.Poster = posterFunc(func(context.Context, io.Reader, pipeline.PostOptions) (pipeline.PostResult, error) {
				return test.result, pipeline.ErrTimeout
			})
		})
		do(t, h, request{method: "POST", path: "/v1/records", body: "{}"}).want(504, test.code)
	}
}

func TestAnswersToAckAccepted(t *testing.T) {
	for _, durable := range []bool{false, true} {
		h := guarded(t, func(c *Config) {
			c.Poster = posterFunc(func(context.Context, io.Reader, pipeline.PostOptions) (pipeline.PostResult, error) {
				return pipeline.PostResult{Accepted: 1, Durable: durable}, nil
			})
		})
		want := map[bool]int{false: 200, true: 202}[durable]
		do(t, h, request{method: "POST", path: "/v1/records?ack=accepted", body: "{}"}).want(want, "").has("durable", fmt.Sprint(durable))
		do(t, h, request{method: "POST", path: "/v1/records", body: "{}"}).want(200, "").has("durable", "null")
	}
}

func TestAFullLaneAndAPauseReachTheSender(t *testing.T) {
	hold := make(chan struct{})
	w := newWorld(t, func(_ *Config, engine *pipeline.Config) {
		for s := range engine.Stages {
			for l := range engine.Stages[s].Lanes {
				engine.Stages[s].Lanes[l].Capacity = 10
			}
		}
	})
	w.sink.hold = hold
	w.do(request{method: "POST", path: "/v1/records", body: "{}"}).want(503, "no_run")
	w.start()
	lines := strings.Repeat("{}\n", 1000)
	got := w.do(request{method: "POST", path: "/v1/records?timeout=0&ack=accepted&lane=low", body: lines}).want(429, "lane_full")
	accepted, refused := got.fields["accepted"].(float64), got.fields["refused"].([]any)
	if int(accepted)+len(refused) != 1000 || accepted == 0 {
		t.Errorf("%v accepted and %d refused of 1000", accepted, len(refused))
	}
	w.do(request{method: "POST", path: "/v1/records?timeout=0&ack=accepted&lane=high", body: "{}"}).want(200, "")
	close(hold)
	stopped := w.do(request{method: "POST", path: "/v1/stop"}).want(200, "")
	if ledger := stopped.fields["ledger"].(map[string]any); ledger["persisted"] != accepted+1 || ledger["accepted"] != accepted+1 {
		t.Errorf("the ledger is %v; refused lines are in no term", ledger)
	}
}

func TestABodyIsBoundedAsItIsSent(t *testing.T) {
	w := newWorld(t, func(c *Config, _ *pipeline.Config) { c.MaxBodyBytes = 100 })
	w.start()
	w.do(request{method: "POST", path: "/v1/records", body: strings.Repeat("{}\n", 33)}).want(200, "")
	w.do(request{method: "POST", path: "/v1/records", body: strings.Repeat("{}\n", 34)}).want(413, "body_too_large").says("larger than 100 bytes")
}
