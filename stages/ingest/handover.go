package ingest

import (
	"bytes"
	"context"

	"sluice/pipeline"
)

// next returns the next lines, in order. It blocks until there are some, the
// input ends, or ctx ends; then the error is io.EOF, the input's own, or the
// context's cause, and nothing that was read is lost to a later call. For one
// goroutine at a time.
func (r *reader) next(ctx context.Context) (piece, error) {
	for {
		if ctx.Err() != nil {
			return piece{}, context.Cause(ctx)
		}
		p, err := r.take()
		if err != nil || p.chunk != nil {
			return p, err
		}
		select {
		case <-r.ready:
		case <-ctx.Done():
		}
	}
}

// take returns lines if there are any to have. Otherwise it leaves word that
// the framer waits.
func (r *reader) take() (piece, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.slot.chunk != nil:
		p := r.slot
		r.slot = piece{}
		return p, nil
	case r.offered:
		r.offered = false
		signal(r.taken)
		return r.detachLocked(), nil
	case r.prompt && r.reading && r.whole > r.lo:
		return r.copyOutLocked(), nil
	case r.err != nil:
		return piece{}, r.err
	}
	r.waiting = true
	return piece{}, nil
}

// handLocked passes on the whole lines of the chunk, at once when the framer
// waits, otherwise when it next asks. It gives up the lock while it blocks.
func (r *reader) handLocked() error {
	if r.waiting {
		r.waiting = false
		r.slot = r.detachLocked()
		signal(r.ready)
		return nil
	}
	r.offered = true
	for r.offered {
		if err := r.awaitTakenLocked(); err != nil {
			r.offered = false
			return err
		}
	}
	return nil
}

func (r *reader) awaitTakenLocked() error {
	r.mu.Unlock()
	defer r.mu.Lock()
	select {
	case <-r.taken:
		return nil
	case <-r.stop:
		return errReaderStopped
	}
}

// detachLocked parts with the chunk and carries its torn tail into a new one.
func (r *reader) detachLocked() piece {
	c := r.chunk
	r.chunk = pipeline.NewChunk()
	r.chunk.Bytes = append(r.chunk.Bytes, c.Bytes[r.whole:]...)
	c.Bytes = c.Bytes[:r.whole]
	r.whole = 0
	return r.sealLocked(c)
}

// copyOutLocked copies the whole lines out of a chunk that is being read into.
// This is the one copy of a line, made only while the framer has nothing else
// to do and the input nothing more right now.
func (r *reader) copyOutLocked() piece {
	c := pipeline.NewChunk()
	c.Bytes = append(c.Bytes, r.chunk.Bytes[r.lo:r.whole]...)
	r.lo = r.whole
	return r.sealLocked(c)
}

// sealLocked gives a chunk its place and moves the reader's past it.
func (r *reader) sealLocked(c *pipeline.Chunk) piece {
	p := piece{chunk: c, cut: r.cut}
	r.cut = nil
	c.Start = r.at
	r.at.Line += int64(bytes.Count(c.Bytes, newline))
	if p.cut == nil {
		r.at.Position += int64(len(c.Bytes))
		r.trailLocked(c.Bytes)
	} else {
		r.at.Position += p.cut.length
		r.at.Line += p.cut.lineEnds
	}
	if r.marks {
		r.at.Mark = r.trail.mark()
	}
	c.End = r.at
	return p
}

func (r *reader) trailLocked(p []byte) {
	if r.marks {
		r.trail.Write(p)
	}
}

var newline = []byte{'\n'}
