package api

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"time"
)

// deadlines keeps clients that stop in the middle from holding a connection: a
// body may take as long as it likes while bytes arrive, and a client must take
// what is written to it.
type deadlines struct {
	next        http.Handler
	read, write time.Duration
}

func (d *deadlines) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// A ResponseWriter without deadlines, as tests use, does without them.
	conn := http.NewResponseController(w)
	_ = conn.SetWriteDeadline(time.Now().Add(d.write)) // for 100 Continue
	if r.Body != nil && r.Body != http.NoBody {
		_ = conn.SetReadDeadline(time.Now().Add(d.read))
		r.Body = &movingBody{ReadCloser: r.Body, conn: conn, timeout: d.read}
	}
	d.next.ServeHTTP(&movingWriter{ResponseWriter: w, conn: conn, timeout: d.write}, r)
}

// movingBody moves the connection's read deadline on with every read, until
// somebody calls reading off.
type movingBody struct {
	io.ReadCloser
	conn    *http.ResponseController
	timeout time.Duration

	mu    sync.Mutex // guards what follows, and the deadline
	fixed bool       // called off, or at its end: the deadline moves no more
}

func (b *movingBody) Read(p []byte) (int, error) {
	b.move()
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		b.end()
	}
	return n, err
}

func (b *movingBody) move() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.fixed {
		_ = b.conn.SetReadDeadline(time.Now().Add(b.timeout))
	}
}

// end leaves the deadline to the server, which took it off at the end of the
// body and goes on reading, to learn whether the client is still there. One set
// now would end the request that waits to be settled.
func (b *movingBody) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fixed = true
}

// SetReadDeadline with a time that has passed calls reading off for good, also a
// read under way. Any other time changes nothing, for the deadline moves by
// itself; nor does anything once the body is at its end.
func (b *movingBody) SetReadDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fixed || t.IsZero() || t.After(time.Now()) {
		return nil
	}
	b.fixed = true
	return b.conn.SetReadDeadline(t)
}

// limitedBody is a movingBody of which at most so many bytes are read.
type limitedBody struct {
	io.Reader
	moving *movingBody
}

// SetReadDeadline is that of the body.
func (b limitedBody) SetReadDeadline(t time.Time) error { return b.moving.SetReadDeadline(t) }

// limit bounds a request's body for a Poster; it can still be called off.
func limit(w http.ResponseWriter, r *http.Request, most int64) io.Reader {
	limited := http.MaxBytesReader(w, r.Body, most)
	if moving, ok := r.Body.(*movingBody); ok {
		return limitedBody{Reader: limited, moving: moving}
	}
	return limited // an empty one
}

// movingWriter moves the connection's write deadline on with every write.
type movingWriter struct {
	http.ResponseWriter
	conn    *http.ResponseController
	timeout time.Duration
}

func (w *movingWriter) Write(p []byte) (int, error) {
	_ = w.conn.SetWriteDeadline(time.Now().Add(w.timeout))
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController find the connection.
func (w *movingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
