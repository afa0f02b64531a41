package ingest

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

// requestBody is the body of a request, whose reads can be called off.
type requestBody struct {
	io.Reader
	*http.ResponseController
}

// answered is what a request came to.
type answered struct {
	pipeline.PostResult
	err error
}

// listen serves posts over real connections.
func listen(t *testing.T, s *served, limit int64) (*httptest.Server, chan answered) {
	answers := make(chan answered, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := requestBody{http.MaxBytesReader(w, r.Body, limit), http.NewResponseController(w)}
		res, err := s.bodies.Post(r.Context(), body, pipeline.PostOptions{
			Encoding: r.Header.Get("Content-Encoding"), Timeout: time.Minute,
		})
		fmt.Fprintf(w, "%d %v", res.Persisted, err)
		answers <- answered{res, err}
	}))
	t.Cleanup(server.Close)
	return server, answers
}

func TestPostOverHTTP(t *testing.T) {
	s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{})
	server, answers := listen(t, s, 1<<20)
	text := numberedBody("n", 3000)
	for _, tt := range []struct {
		name, encoding string
		body           io.Reader
		want           int64
		err            error
	}{
		{"plain", "", strings.NewReader(text), 3000, nil},
		{"in parts of no known length", "", io.MultiReader(strings.NewReader(text)), 3000, nil},
		{"gzip", "gzip", bytes.NewReader(gzipped(t, text)), 3000, nil},
		{"zstd", "zstd", bytes.NewReader(zstded(t, text)), 3000, nil},
		{"more than the server takes", "", strings.NewReader(numberedBody("n", 200_000)), -1, pipeline.ErrBodyTooLarge},
	} {
		request, err := http.NewRequestWithContext(t.Context(), "POST", server.URL, tt.body)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Content-Encoding", tt.encoding)
		if response, err := server.Client().Do(request); err == nil {
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
		} else if tt.err == nil {
			t.Fatal(err)
		}
		got := <-answers
		if !errors.Is(got.err, tt.err) || tt.want >= 0 && got.Persisted != tt.want {
			t.Errorf("%s: persisted %d, error %v; want %d, %v", tt.name, got.Persisted, got.err, tt.want, tt.err)
		}
	}
	s.end()
}

// TestPostOfAConnectionThatBreaks closes connections in mid-body.
func TestPostOfAConnectionThatBreaks(t *testing.T) {
	for _, header := range []string{"Content-Length: 1000000", "Transfer-Encoding: chunked"} {
		s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{})
		server, answers := listen(t, s, 1<<20)
		conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		text := numberedBody("n", 2000) + `{"n":`
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n", header)
		if strings.HasPrefix(header, "Transfer") {
			fmt.Fprintf(conn, "%x\r\n", 2*len(text))
		}
		io.WriteString(conn, text)
		conn.Close()
		got := <-answers
		cut, _ := errors.AsType[*BodyError](got.err)
		if cut == nil || !errors.Is(got.err, pipeline.ErrBodyCutOff) && !errors.Is(got.err, context.Canceled) {
			t.Fatalf("%s: error %v, want ErrBodyCutOff or that the sender is gone", header, got.err)
		}
		l := s.end()
		if got.Accepted != cut.Line-1 || l.Persisted != got.Accepted || got.Accepted != 2000 {
			t.Errorf("%s: accepted %d, persisted %d, error %v; want 2000", header, got.Accepted, l.Persisted, got.err)
		}
		server.Close()
	}
}

// TestPostOverHTTPWhenTheRunStops wants the answer while the body is open.
func TestPostOverHTTPWhenTheRunStops(t *testing.T) {
	s := serve(t, NewBodies(normalRule, BodyLimits{}), &bodySink{})
	server, answers := listen(t, s, 1<<20)
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	text := numberedBody("n", 10)
	fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n%s", text)
	for s.p.Status().Ledger.Persisted < 10 {
		<-time.After(time.Millisecond)
	}
	s.stop()
	got := <-answers
	s.end()
	cut, _ := errors.AsType[*BodyError](got.err)
	if cut == nil || cut.Line != 11 || !errors.Is(got.err, pipeline.ErrNoRun) || got.Persisted != 10 {
		t.Errorf("persisted %d, error %v; want 10, and ErrNoRun from line 11 on", got.Persisted, got.err)
	}
	if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil {
		t.Errorf("the sender got no answer: %v", err)
	}
}

func TestPostOfASenderThatStalls(t *testing.T) {
	text := numberedBody("n", 10)
	tests := []struct {
		name    string
		timeout time.Duration
		after   time.Duration
		want    error
	}{
		{"is cut off after the time that a sender may be idle", time.Hour, 5 * time.Second, pipeline.ErrBodyCutOff},
		{"ends with its own time", time.Second, time.Second, pipeline.ErrTimeout},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, NewBodies(normalRule, BodyLimits{Idle: 5 * time.Second}), &bodySink{})
				start := time.Now()
				body := connect(strings.NewReader(text + "{"))
				got, err := s.bodies.Post(t.Context(), body, pipeline.PostOptions{Timeout: tt.timeout})
				if !errors.Is(err, tt.want) || time.Since(start) != tt.after {
					t.Errorf("error %v after %v, want %v after %v", err, time.Since(start), tt.want, tt.after)
				}
				if called := tt.want == pipeline.ErrTimeout; called != (body.deadline == past) || !called && !body.deadline.IsZero() {
					t.Errorf("the deadline left behind is %v", body.deadline)
				}
				wantPrefix(t, s, got, err)
				s.end()
			})
		})
	}
}
