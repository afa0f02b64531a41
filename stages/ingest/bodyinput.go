package ingest

import (
	"context"
	"io"
	"sync"
	"time"
)

// deadlined is a body whose reads can be called off.
type deadlined interface{ SetReadDeadline(t time.Time) error }

// past is a deadline that calls a read off at once.
var past = time.Unix(1, 0)

// bodyInput reads a body and remembers how it ended. Where it can, it gives up
// on one that sends nothing for a while.
type bodyInput struct {
	r     io.Reader
	idle  time.Duration
	err   error // what the body failed with
	ended bool  // it came to its end

	mu        sync.Mutex // guards what follows
	deadline  deadlined  // nil when reads cannot be called off
	calledOff bool
}

// Read implements io.Reader.
func (b *bodyInput) Read(p []byte) (int, error) {
	b.allow(b.idle)
	n, err := guardedRead(b.r, p)
	switch {
	case err == io.EOF:
		b.ended = true
	case err != nil:
		b.err = err
	}
	return n, err
}

// allow gives the sender time for the next bytes, 0 for no bound. A body that
// cannot set deadlines after all is read as one that has none.
func (b *bodyInput) allow(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deadline == nil || b.calledOff {
		return
	}
	var at time.Time
	if d > 0 {
		at = time.Now().Add(d)
	}
	if b.deadline.SetReadDeadline(at) != nil {
		b.deadline = nil
	}
}

func (b *bodyInput) callOff() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.deadline != nil {
		b.deadline.SetReadDeadline(past)
	}
	b.calledOff = true
}

// follow calls reads off when ctx ends. The function it returns ends that, and
// lifts the bound for whoever reads on.
func (b *bodyInput) follow(ctx context.Context) (end func()) {
	if b.deadline == nil {
		return func() {}
	}
	forget := context.AfterFunc(ctx, b.callOff)
	return func() {
		forget()
		b.allow(0)
		b.mu.Lock()
		defer b.mu.Unlock()
		b.deadline = nil // for a callOff that is late
	}
}
