package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"sluice/pipeline"
)

// Two hundred senders at once, from one line to two thousand, plain and
// compressed, some of whom leave in the middle: every answer is right to the
// line, and every line that was answered for is there once.
func TestTwoHundredPostsAtOnce(t *testing.T) {
	w := newWorld(t, nil)
	server := httptest.NewServer(w.handler)
	defer server.Close()
	w.start()
	var senders sync.WaitGroup
	for i := range 200 {
		senders.Go(func() { sendNumbered(t, server, i) })
	}
	senders.Wait()
	got := w.do(request{method: "POST", path: "/v1/stop"}).want(200, "")
	ledger := got.fields["ledger"].(map[string]any)
	if ledger["accepted"] != ledger["persisted"].(float64)+ledger["dead"].(float64) || ledger["left"] != 0.0 {
		t.Errorf("the ledger is %v", ledger)
	}
	w.sink.mu.Lock()
	defer w.sink.mu.Unlock()
	rows := 0
	for line, n := range w.sink.rows {
		rows += n
		if n != 1 {
			t.Fatalf("%s is there %d times", line, n)
		}
	}
	if rows != int(ledger["persisted"].(float64)) {
		t.Errorf("%d rows, the ledger says %v", rows, ledger["persisted"])
	}
}

// sendNumbered is one sender. Every tenth of its lines is bad.
func sendNumbered(t *testing.T, server *httptest.Server, i int) {
	lines := []int{1, 10, 200, 2000}[i%4]
	var body bytes.Buffer
	for n := range lines {
		if n%10 == 9 {
			fmt.Fprintf(&body, "bad line %d of %d\n", n, i)
		} else {
			fmt.Fprintf(&body, "{\"sender\":%d,\"n\":%d}\n", i, n)
		}
	}
	req, err := http.NewRequest("POST", server.URL+"/v1/records?timeout=1h&lane="+pipeline.Lane(i%3).String(), &body)
	if err != nil {
		t.Error(err)
		return
	}
	switch {
	case i%5 == 1:
		req.Header.Set("Content-Encoding", "gzip")
		text := zipped(body.String())
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader([]byte(text))), int64(len(text))
	case i%10 == 7: // leaves in the middle
		req.ContentLength = int64(body.Len()) + 100
		req.Body = io.NopCloser(&body)
		if resp, err := server.Client().Do(req); err == nil {
			t.Errorf("sender %d: a body that was cut off was answered with %d", i, resp.StatusCode)
			resp.Body.Close()
		}
		return
	}
	resp, err := server.Client().Do(req)
	if err != nil {
		t.Errorf("sender %d: %v", i, err)
		return
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("sender %d: %v", i, err)
		return
	}
	dead := lines / 10
	got := (&reply{t: t, what: fmt.Sprintf("sender %d", i), status: resp.StatusCode, header: resp.Header}).read(text)
	got.has("accepted", fmt.Sprint(lines)).has("persisted", fmt.Sprint(lines-dead)).has("dead", fmt.Sprint(dead))
	for k, e := range got.fields["errors"].([]any) {
		if line := e.(map[string]any)["line"]; line != float64(10*k+10) {
			t.Errorf("sender %d: error %d is of line %v, want %d", i, k, line, 10*k+10)
			return
		}
	}
}

// What is polled and steered all the time harms no record.
func TestStatusAndPausesWhileRecordsComeIn(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	done := make(chan struct{})
	var operators sync.WaitGroup
	for _, r := range []request{
		{method: "GET", path: "/v1/status"}, {method: "POST", path: "/v1/pause"}, {method: "POST", path: "/v1/resume"},
		{method: "PATCH", path: "/v1/stages/enrich", body: `{"workers": 1}`}, {method: "PATCH", path: "/v1/stages/enrich", body: `{"workers": 8}`},
	} {
		operators.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					do(t, w.handler, r).want(200, "")
				}
			}
		})
	}
	var senders sync.WaitGroup
	for i := range 8 {
		senders.Go(func() {
			for n := range 25 {
				body := fmt.Sprintf("{\"s\":%d,\"n\":%d}\n", i, n)
				do(t, w.handler, request{method: "POST", path: "/v1/records?timeout=1h", body: body}).want(200, "").has("persisted", "1")
			}
		})
	}
	senders.Wait()
	close(done)
	operators.Wait()
	w.do(request{method: "POST", path: "/v1/stop"}).want(200, "")
	if n := len(w.sink.rows); n != 200 {
		t.Errorf("%d rows, want 200", n)
	}
}

// A run is started and stopped a hundred times while somebody posts: what was
// answered with 200 is there, once.
func TestAHundredRunsWhileRecordsComeIn(t *testing.T) {
	w := newWorld(t, nil)
	w.start()
	done := make(chan struct{})
	var sender sync.WaitGroup
	var told []string
	sender.Go(func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			default:
			}
			line := fmt.Sprintf(`{"n":%d}`, n)
			got := do(t, w.handler, request{method: "POST", path: "/v1/records?timeout=1h", body: line})
			switch {
			case got.status == 200:
				told = append(told, line)
			case got.status != 503:
				t.Errorf("%d %s", got.status, got.body)
			}
		}
	})
	for range 100 {
		w.do(request{method: "POST", path: "/v1/stop"}).want(200, "").has("state", `"stopped"`)
		w.do(request{method: "POST", path: "/v1/start"}).want(200, "").has("state", `"running"`)
		w.do(request{method: "POST", path: "/v1/records?timeout=1h", body: fmt.Sprintf(`{"at":%q}`, time.Now())}).want(200, "")
	}
	close(done)
	sender.Wait()
	w.do(request{method: "POST", path: "/v1/stop"}).want(200, "").has("runs", "101")
	for _, line := range told {
		if w.sink.rows[line] != 1 {
			t.Errorf("%s was answered with 200 and is there %d times", line, w.sink.rows[line])
		}
	}
}
