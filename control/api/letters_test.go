package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/control"
	"sluice/control/api"
	"sluice/pipeline"
)

// fakeLetters has letters 1 to n, and remembers what it was asked for.
type fakeLetters struct {
	n       int64
	deleted bool
	filter  pipeline.LetterFilter
	options pipeline.ReplayOptions
	err     error
}

func (l *fakeLetters) Each(_ context.Context, f pipeline.LetterFilter, form api.LetterForm, visit func(int64, []byte) error) error {
	l.filter = f
	for id, given := f.After+1, 0; id <= l.n && (f.Limit == 0 || given < f.Limit); id, given = id+1, given+1 {
		if len(f.IDs) > 0 && f.IDs[0] != id {
			continue
		}
		if err := visit(id, fmt.Appendf(nil, `{"id":%d,"form":%q}`, id, form)); err != nil {
			return err
		}
	}
	return l.err
}

func (l *fakeLetters) Stats(context.Context, pipeline.LetterFilter) ([]pipeline.LetterCount, error) {
	return []pipeline.LetterCount{{Stage: "a", Count: 2}, {Stage: "b", Count: 1}}, l.err
}

func (l *fakeLetters) Delete(_ context.Context, f pipeline.LetterFilter) (int64, error) {
	l.filter, l.deleted = f, true
	return l.n, l.err
}

func (l *fakeLetters) Replay(_ context.Context, f pipeline.LetterFilter, o pipeline.ReplayOptions) (pipeline.ReplayResult, error) {
	l.filter, l.options = f, o
	return pipeline.ReplayResult{Sent: 1, Persisted: 1}, l.err
}

func askLetters(t *testing.T, l *fakeLetters, method, path string) (int, string) {
	t.Helper()
	handler, err := api.NewHandler(api.Config{Commander: control.New(control.Config{}), DeadLetters: l})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, "http://127.0.0.1/v1/dead-letters"+path, nil)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestWhatTheEndpointsOfDeadLettersAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		request string
		code    int
		want    string // a part of the body
	}{
		"a page that is not the last":   {"GET ?limit=2", 200, `{"dead_letters":[{"id":1,"form":"brief"},{"id":2,"form":"brief"}],"next":2}`},
		"the last page":                 {"GET ?limit=2&after=2", 200, `{"dead_letters":[{"id":3,"form":"brief"}],"next":0}`},
		"a page beyond it":              {"GET ?after=3", 200, `{"dead_letters":[],"next":0}`},
		"a page that is too long":       {"GET ?limit=1001", 400, `"parameter":"limit"`},
		"one letter":                    {"GET /2", 200, `{"id":2,"form":"letters"}`},
		"one that is gone":              {"GET /9", 404, `"no_dead_letter"`},
		"one that is no number":         {"GET /first", 400, `"parameter":"id"`},
		"counts":                        {"GET /stats", 200, `"total":3`},
		"all as letters":                {"GET /export", 200, `{"id":1,"form":"letters"}` + "\n" + `{"id":2,"form":"letters"}`},
		"all as records":                {"GET /export?format=records&after=2", 200, `{"id":3,"form":"records"}`},
		"another format":                {"GET /export?format=csv", 400, `"parameter":"format"`},
		"a replay":                      {"POST /replay?from=failed&to_lane=low", 200, `"sent":1`},
		"a replay from nowhere":         {"POST /replay?from=enrich", 400, `"parameter":"from"`},
		"a replay that is asked for":    {"GET /replay", 405, `with POST`},
		"a lane that there is not":      {"GET ?lane=urgent", 400, `"parameter":"lane"`},
		"a time that is none":           {"GET ?since=lately", 400, `"parameter":"since"`},
		"a misspelt parameter":          {"GET ?stages=x", 400, `there is no parameter`},
		"a delete of a selection":       {"DELETE ?stage=persist", 200, `{"deleted":3}`},
		"a delete of all":               {"DELETE ?all=true", 200, `{"deleted":3}`},
		"a list with a hole":            {"DELETE ?stage=persist&code=a,,b", 400, `"parameter":"code"`},
		"a name of nothing":             {"DELETE ?stage=persist&source=", 400, `"parameter":"source"`},
		"a wrong lane of several":       {"DELETE ?lane=low,lwo", 400, `"parameter":"lane"`},
		"two limits":                    {"DELETE ?limit=1&limit=2", 400, `"parameter":"limit"`},
		"a delete of all without a yes": {"DELETE ", 400, `"parameter":"all"`},
		"a delete of one by its path":   {"DELETE /1", 405, `with GET`},
	} {
		t.Run(name, func(t *testing.T) {
			l := &fakeLetters{n: 3}
			method, path, _ := strings.Cut(c.request, " ")
			code, body := askLetters(t, l, method, path)
			if code != c.code || !strings.Contains(body, c.want) {
				t.Errorf("got %d %s", code, body)
			}
			if code != http.StatusOK && l.deleted {
				t.Error("it was refused and done")
			}
		})
	}
}

func TestAFilterArrivesAsItWasAskedFor(t *testing.T) {
	l := &fakeLetters{}
	code, body := askLetters(t, l, "POST", "/replay?id=3,5&stage=a&code=b,%20c&code=d&lane=low&source=in.ndjson&source=a,b&since=2026-01-02T03:04:05Z&after=2&limit=7&from=failed&to_lane=high")
	if code != http.StatusOK {
		t.Fatal(body)
	}
	f := l.filter
	if len(f.IDs) != 2 || f.IDs[1] != 5 || !slices.Equal(f.Stages, []string{"a"}) || !slices.Equal(f.Codes, []string{"b", "c", "d"}) ||
		!slices.Equal(f.Lanes, []string{"low"}) || !slices.Equal(f.Sources, []string{"in.ndjson", "a,b"}) || f.After != 2 || f.Limit != 7 ||
		!f.Since.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) || !f.Until.IsZero() {
		t.Errorf("the filter is %+v", f)
	}
	if !l.options.FromFailed || l.options.Lane == nil || *l.options.Lane != pipeline.LaneHigh {
		t.Errorf("the options are %+v", l.options)
	}
}

func TestAReplayThatBreaksOffSaysWhatBecameOfTheLetters(t *testing.T) {
	for err, want := range map[error]int{pipeline.ErrNoRun: 503, &control.RefusedError{Kind: control.ErrConflict, Reason: "a file"}: 409, context.Canceled: 504} {
		code, body := askLetters(t, &fakeLetters{err: err}, "POST", "/replay")
		if code != want || !strings.Contains(body, `"replay":{"sent":1,"persisted":1`) {
			t.Errorf("%v: %d %s", err, code, body)
		}
	}
}
