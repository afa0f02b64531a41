package postgrestest

import (
	"bytes"
	"sync"
)

// log collects what the server writes and says when it is ready.
type log struct {
	ready chan struct{}

	mu    sync.Mutex // guards what follows
	lines bytes.Buffer
	said  bool
}

func newLog() *log { return &log{ready: make(chan struct{})} }

// Write implements io.Writer.
func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines.Write(p)
	if !l.said && bytes.Contains(l.lines.Bytes(), []byte("ready to accept connections")) {
		l.said = true
		close(l.ready)
	}
	return len(p), nil
}

func (l *log) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}
