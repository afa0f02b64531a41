package api

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"sluice/control"
	"sluice/pipeline"
)

// bodies is a source for posted bodies, as plain as it can be.
type bodies struct {
	mu    sync.RWMutex // held to read while a body is taken in
	feed  pipeline.Feed
	taken chan struct{} // closed when the run's feed is there
}

func (b *bodies) Run(ctx context.Context, feed pipeline.Feed) error {
	b.set(feed)
	close(b.taken)
	<-ctx.Done()
	b.set(nil)
	return nil
}

func (b *bodies) set(feed pipeline.Feed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.feed = feed
}

func (b *bodies) Post(ctx context.Context, body io.Reader, o pipeline.PostOptions) (result pipeline.PostResult, err error) {
	var lines []string
	if o.Encoding == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			return result, pipeline.ErrBadEncoding
		}
	}
	scanner := bufio.NewScanner(body)
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	if err := scanner.Err(); err != nil {
		return result, err
	}
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.feed == nil {
		return result, pipeline.ErrNoRun
	}
	rule := pipeline.LaneRule{Default: pipeline.LaneNormal}
	if o.Lane != nil {
		rule.Default = *o.Lane
	}
	in, err := b.feed.Intake(pipeline.Progress{Name: "http"}, rule)
	if err != nil {
		return result, err
	}
	in.Yield()
	receipt := in.Track(100)
	room, stop := context.WithTimeoutCause(ctx, o.Timeout, pipeline.ErrTimeout)
	defer stop()
	if b.feedLines(room, in, lines) != nil {
		err = pipeline.ErrFull
	}
	if o.Ack == pipeline.AckPersisted {
		if waited := receipt.Wait(ctx); waited != nil {
			err = waited
		}
	}
	now := receipt.Outcome()
	return pipeline.PostResult{
		Accepted: receipt.Sent(), Persisted: now.Persisted, Dead: now.Dead, Filtered: now.Filtered,
		Errors: now.Errors, Refused: in.Refused(),
	}, err
}

// feedLines hands lines over, a chunk for each 100.
func (b *bodies) feedLines(ctx context.Context, in *pipeline.Intake, lines []string) (err error) {
	for from := 0; from < len(lines); from += 100 {
		part := lines[from:min(from+100, len(lines))]
		c := pipeline.NewChunk()
		for _, l := range part {
			c.Bytes = append(append(c.Bytes, l...), '\n')
		}
		in.Begin(c)
		at := 0
		for i, l := range part {
			if l != "" {
				in.Add(c.Bytes[at:at+len(l)], int64(at), int64(from+i+1))
			}
			at += len(l) + 1
		}
		if flushed := in.Flush(ctx); flushed != nil && err == nil {
			err = flushed
		}
	}
	return err
}

// memorySink keeps rows.
type memorySink struct {
	hold <-chan struct{} // when set, writes wait until it is closed
	mu   sync.Mutex
	rows map[string]int
}

func (s *memorySink) Write(ctx context.Context, g *pipeline.Group) (bool, error) {
	if s.hold != nil {
		select {
		case <-s.hold:
		case <-ctx.Done():
			return false, context.Cause(ctx)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		s.rows = map[string]int{}
	}
	for _, b := range g.Batches {
		for i := range b.Len() {
			if r := b.Record(i); r.Live() {
				s.rows[string(r.Raw())]++
			}
		}
	}
	return true, nil
}

func (s *memorySink) Flush(context.Context) error { return nil }

// world is a server with everything behind it.
type world struct {
	t       *testing.T
	sink    *memorySink
	bodies  *bodies
	control *control.Controller
	handler http.Handler
}

// newWorld makes the loop and the handler; change may alter their settings.
// The loop ends with the test, and before that whatever it started.
func newWorld(t *testing.T, change func(*Config, *pipeline.Config)) *world {
	t.Helper()
	w := &world{t: t, sink: &memorySink{}, bodies: &bodies{}}
	engine := pipeline.Config{Sink: w.sink, Stages: []pipeline.StageConfig{
		{Name: "validate", Stage: pipeline.EachRecord(func(_ context.Context, r *pipeline.Record) error {
			if err := r.Index(pipeline.DefaultMaxDepth); err != nil {
				r.Reject(err)
			}
			return nil
		})}, {Name: "enrich"}, {Name: "persist"}}}
	cfg := Config{Poster: w.bodies}
	if change != nil {
		change(&cfg, &engine)
	}
	w.control = control.New(control.Config{Instance: "i1", Version: "v1",
		Open: func(context.Context) (*control.Run, error) {
			p, err := pipeline.New(engine)
			if err != nil {
				return nil, err
			}
			w.bodies.taken = make(chan struct{})
			return &control.Run{Pipeline: p, Source: w.bodies, Ready: w.bodies.taken}, nil
		}})
	cfg.Commander = w.control
	handler, err := NewHandler(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.handler = handler
	ctx, cancel := context.WithCancel(context.Background())
	loop := make(chan error, 1)
	go func() { loop <- w.control.Loop(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-loop
	})
	return w
}

// request is what a test sends.
type request struct {
	method, path string
	body         string
	header       map[string]string
}

// do sends a request to the handler without a network, as from this machine.
func (w *world) do(r request) *reply {
	w.t.Helper()
	return do(w.t, w.handler, r)
}

// start starts a run.
func (w *world) start() {
	w.t.Helper()
	w.do(request{method: "POST", path: "/v1/start"}).want(200, "")
}

// reply is what came back.
type reply struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   string
	fields map[string]any
}

func (r *reply) read(body []byte) *reply {
	r.t.Helper()
	r.body = string(body)
	if err := json.Unmarshal(body, &r.fields); err != nil && r.status != http.StatusNoContent && strings.Contains(r.header.Get("Content-Type"), "json") {
		r.t.Errorf("%s: the body %q is not JSON: %v", r.what, body, err)
	}
	return r
}

// want fails unless the status is right, and the code of a problem, which must
// be a whole problem document.
func (r *reply) want(status int, code string) *reply {
	r.t.Helper()
	got, _ := r.fields["code"].(string)
	if r.status != status || code != got {
		r.t.Fatalf("%s: %d %q, want %d %q; the body is %s", r.what, r.status, got, status, code, r.body)
	}
	if code == "" {
		return r
	}
	if ct := r.header.Get("Content-Type"); ct != "application/problem+json" {
		r.t.Errorf("%s: the content type of a problem is %q", r.what, ct)
	}
	if r.fields["type"] != "urn:sluice:problem:"+code || r.fields["title"] != http.StatusText(status) ||
		r.fields["status"] != float64(status) || r.fields["detail"] == "" {
		r.t.Errorf("%s: not a whole problem: %s", r.what, r.body)
	}
	return r
}

// says fails unless the detail of a problem has the text.
func (r *reply) says(text string) *reply {
	r.t.Helper()
	if detail, _ := r.fields["detail"].(string); !strings.Contains(detail, text) {
		r.t.Errorf("%s: the detail is %q; expected %q in it", r.what, detail, text)
	}
	return r
}

// has fails unless a field has the value, as JSON.
func (r *reply) has(field, want string) *reply {
	r.t.Helper()
	got, err := json.Marshal(r.fields[field])
	if err != nil || string(got) != want {
		r.t.Errorf("%s: %s is %s, want %s; the body is %s", r.what, field, got, want, r.body)
	}
	return r
}

func zipped(text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(text))
	_ = z.Close()
	return b.String()
}

// pipes is a listener without a network, so that its connections live in a
// test's bubble.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 7420} }

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	here, there := net.Pipe()
	p.conns <- there
	return here, nil
}
