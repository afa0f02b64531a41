package api

import (
	"errors"
	"io"
	"net/http"
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

// movingBody moves the connection's read deadline on with every read.
type movingBody struct {
	io.ReadCloser
	conn    *http.ResponseController
	timeout time.Duration
}

func (b *movingBody) Read(p []byte) (int, error) {
	_ = b.conn.SetReadDeadline(time.Now().Add(b.timeout))
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		// The server goes on reading, to learn whether the client is still
		// there. A deadline would end the request that waits to be settled.
		_ = b.conn.SetReadDeadline(time.Time{})
	}
	return n, err
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
