package api

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

// inBubble runs a test against a real server over pipes. When the test is over,
// the server is shut down and every goroutine must have ended: the bubble fails
// otherwise.
func inBubble(t *testing.T, change func(*Config, *pipeline.Config), test func(w *world, dial func() *client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, change)
		server, err := NewServer(Config{Commander: w.control})
		if err != nil {
			t.Fatal(err)
		}
		server.Handler = w.handler
		l := newPipes()
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()
		test(w, func() *client {
			conn, err := l.dial(t.Context(), "", "")
			if err != nil {
				t.Fatal(err)
			}
			return &client{t: t, Conn: conn, r: bufio.NewReader(conn)}
		})
		if err := server.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
}

// client is a connection of which the test decides every byte.
type client struct {
	t *testing.T
	net.Conn
	r *bufio.Reader
}

func (c *client) send(format string, args ...any) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.Conn, format, args...); err != nil {
		c.t.Errorf("send: %v", err)
	}
}

// answer reads one answer.
func (c *client) answer() *reply {
	c.t.Helper()
	resp, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.t.Fatalf("read the answer: %v", err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("read the body of the answer: %v", err)
	}
	out := &reply{t: c.t, what: "answer", status: resp.StatusCode, header: resp.Header}
	return out.read(body)
}

// wantClosed fails unless the server closes the connection after exactly so
// long.
func (c *client) wantClosed(after time.Duration) {
	c.t.Helper()
	begin := time.Now()
	if _, err := io.Copy(io.Discard, c.r); err != nil {
		c.t.Errorf("the connection ended with %v", err)
	}
	if took := time.Since(begin); took != after {
		c.t.Errorf("it was closed after %v, want %v", took, after)
	}
	c.Close()
}

func TestABodyThatStallsIsGivenUp(t *testing.T) {
	inBubble(t, nil, func(w *world, dial func() *client) {
		w.start()
		c := dial()
		c.send("POST /v1/records?timeout=1h HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"a\":1}\n{\"a\"")
		begin := time.Now()
		c.answer().want(408, "body_stalled")
		if took := time.Since(begin); took != DefaultReadTimeout {
			t.Errorf("it took %v, want %v", took, DefaultReadTimeout)
		}
		c.Close()
	})
}

func TestABodyThatMovesOnSlowlyIsNotCutOff(t *testing.T) {
	inBubble(t, nil, func(w *world, dial func() *client) {
		w.start()
		c := dial()
		c.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60\r\n\r\n")
		for range 60 / 3 {
			time.Sleep(DefaultReadTimeout - time.Second)
			c.send("{}\n")
		}
		c.answer().want(200, "").has("persisted", "20")
		// The connection is as good as new.
		time.Sleep(idleTimeout - time.Second)
		c.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{}\n")
		c.answer().want(200, "").has("persisted", "1")
		c.wantClosed(idleTimeout)
	})
}

func TestWaitingForSettlementHasNoReadDeadline(t *testing.T) {
	hold := make(chan struct{})
	inBubble(t, nil, func(w *world, dial func() *client) {
		hold = make(chan struct{})
		w.sink.hold = hold
		w.start()
		c := dial()
		c.send("POST /v1/records?timeout=1h HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{}\n")
		time.Sleep(10 * time.Minute)
		close(hold)
		c.answer().want(200, "").has("persisted", "1")
		c.Close()
	})
}

func TestACommandMayBeWaitedForLongerThanAnyDeadline(t *testing.T) {
	inBubble(t, func(_ *Config, engine *pipeline.Config) { engine.DrainTimeout = time.Hour }, func(w *world, dial func() *client) {
		hold := make(chan struct{})
		w.sink.hold = hold
		w.start()
		w.do(request{method: "POST", path: "/v1/records?ack=accepted", body: "{}"}).want(200, "")
		c := dial()
		c.send("POST /v1/stop HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
		time.Sleep(10 * time.Minute)
		close(hold)
		c.answer().want(200, "").has("state", `"stopped"`)
		c.Close()
	})
}

func TestAClientThatNeverReadsIsGivenUp(t *testing.T) {
	inBubble(t, nil, func(w *world, dial func() *client) {
		w.start()
		deaf := dial() // a pipe has no buffer: the answer waits for a reader
		deaf.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{}\n")
		begin := time.Now()
		synctest.Wait()
		c := dial() // the others are not harmed
		c.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{}\n")
		c.answer().want(200, "")
		if time.Since(begin) != 0 {
			t.Errorf("another client waited %v", time.Since(begin))
		}
		c.Close()
		time.Sleep(DefaultWriteTimeout + time.Second)
		deaf.wantClosed(0)
	})
}

func TestHeadersAreBounded(t *testing.T) {
	inBubble(t, nil, func(_ *world, dial func() *client) {
		slow := dial()
		slow.send("GET /livez HTTP/1.1\r\nHost: local")
		slow.wantClosed(readHeaderTimeout)

		large := dial()
		var sending sync.WaitGroup
		sending.Go(func() { // it is cut off while it sends
			_, _ = fmt.Fprintf(large, "GET /livez HTTP/1.1\r\nHost: localhost\r\nX: %s\r\n\r\n", strings.Repeat("x", 2*maxHeaderBytes))
		})
		if line, err := large.r.ReadString('\n'); !strings.HasPrefix(line, "HTTP/1.1 431 ") {
			t.Errorf("headers of %d bytes: %q, %v", 2*maxHeaderBytes, line, err)
		}
		large.Close()
		sending.Wait()
	})
}

func TestAClientThatWaitsForContinueLongAfterTheLastAnswer(t *testing.T) {
	inBubble(t, nil, func(w *world, dial func() *client) {
		w.start()
		c := dial()
		for range 2 {
			c.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
			if line, err := c.r.ReadString('\n'); line != "HTTP/1.1 100 Continue\r\n" {
				t.Fatalf("got %q, %v", line, err)
			}
			_, _ = c.r.ReadString('\n')
			c.send("{}\n")
			c.answer().want(200, "")
			time.Sleep(2 * DefaultWriteTimeout)
		}
		c.Close()
	})
}

func TestAClientThatAsksForContinueAndNeverReadsItIsGivenUp(t *testing.T) {
	inBubble(t, nil, func(w *world, dial func() *client) {
		w.start()
		c := dial()
		c.send("POST /v1/records?timeout=1h HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
		time.Sleep(DefaultWriteTimeout + time.Second)
		if _, err := c.r.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("after the deadline the client read with %v, want %v", err, io.EOF)
		}
		c.Close()
	})
}

func TestReadingThatWasCalledOffBeforeItBeganEndsAtOnce(t *testing.T) {
	post := posterFunc(func(_ context.Context, body io.Reader, _ pipeline.PostOptions) (pipeline.PostResult, error) {
		_ = body.(interface{ SetReadDeadline(time.Time) error }).SetReadDeadline(time.Unix(1, 0))
		_, err := io.Copy(io.Discard, body)
		return pipeline.PostResult{}, err
	})
	inBubble(t, func(c *Config, _ *pipeline.Config) { c.Poster = post }, func(_ *world, dial func() *client) {
		c := dial()
		c.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n")
		begin := time.Now()
		c.answer().want(408, "body_stalled")
		if took := time.Since(begin); took != 0 {
			t.Errorf("it took %v", took)
		}
		c.Close()
	})
}

// A Poster calls reading off when its time is over.
func TestReadingCanBeCalledOff(t *testing.T) {
	post := posterFunc(func(ctx context.Context, body io.Reader, _ pipeline.PostOptions) (pipeline.PostResult, error) {
		time.AfterFunc(time.Second, func() {
			_ = body.(interface{ SetReadDeadline(time.Time) error }).SetReadDeadline(time.Unix(1, 0))
		})
		_, err := io.Copy(io.Discard, body)
		if err == nil { // at the end of the body it is too late to call off
			time.Sleep(time.Minute)
			return pipeline.PostResult{}, ctx.Err()
		}
		return pipeline.PostResult{}, errors.Join(pipeline.ErrTimeout, err)
	})
	inBubble(t, func(c *Config, _ *pipeline.Config) { c.Poster = post }, func(_ *world, dial func() *client) {
		c := dial()
		c.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{")
		begin := time.Now()
		got := c.answer()
		if took := time.Since(begin); took != time.Second || got.status < 400 {
			t.Errorf("%d after %v", got.status, took)
		}
		c.Close()

		whole := dial()
		whole.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n{}\n")
		whole.answer().want(200, "")
		whole.Close()
	})
}

func TestABodyThatIsCutOffIsSaidSo(t *testing.T) {
	answered := make(chan error, 1)
	post := posterFunc(func(_ context.Context, body io.Reader, _ pipeline.PostOptions) (pipeline.PostResult, error) {
		_, err := io.Copy(io.Discard, body)
		answered <- err
		return pipeline.PostResult{}, err
	})
	inBubble(t, func(c *Config, _ *pipeline.Config) { c.Poster = post; answered = make(chan error, 1) }, func(_ *world, dial func() *client) {
		c := dial()
		c.send("POST /v1/records HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{}\n")
		c.Close()
		if err := <-answered; postProblem(err, 0).Code != "body_cut_off" {
			t.Errorf("a body that is cut off ends with %v", err)
		}
	})
}
