package ingest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync"

	"sluice/pipeline"
)

// The buffers of a body, in bytes. A body starts with a small one; one that
// fills it goes on with bodyBuffer, and a line longer than that grows it.
const (
	smallBuffer = 4 << 10
	bodyBuffer  = 32 << 10
	// cutRoom is what a buffer has beyond a line that is cut, to read its rest.
	cutRoom = 4 << 10
)

// maxPieceLines bounds the records that a body holds before they are in, and
// pieceCost what a body takes at most: its buffer, and those records.
const (
	maxPieceLines = 128
	pieceCost     = bodyBuffer + maxPieceLines*256
)

// bodyReader cuts a body into pieces of whole lines, on the goroutine of its
// caller. It passes on what one read brought, and blocks in nothing but reads
// and its turn for a long line.
type bodyReader struct {
	src    io.Reader
	keep   int   // a line longer than this is cut to this
	left   int64 // bytes that the body may still have
	limit  int64
	long   *turns // for lines longer than bodyBuffer
	class  turnClass
	resize func(bytes int) // told of buffers made and given away; nil for nobody

	buf   []byte         // read and not yet passed on from lo on
	lo    int            // what was passed on
	whole int            // the end of the last whole line
	given bool           // the pipeline looks into buf
	at    pipeline.Point // the place of buf[lo]
	want  int            // capacity of the next buffer
	held  int64          // the turn for a long line
	err   error          // what reading ended with
}

var bodyReaders = sync.Pool{New: func() any { return new(bodyReader) }}

func (b *Bodies) newReader(src io.Reader, class turnClass) *bodyReader {
	r := bodyReaders.Get().(*bodyReader)
	*r = bodyReader{
		src: src, keep: b.cfg.MaxRecordBytes + lineSlack, left: b.limits.MaxBytes, limit: b.limits.MaxBytes,
		long: b.long, class: class, resize: b.onBuffer, buf: r.buf, want: smallBuffer,
	}
	r.resized(cap(r.buf))
	return r
}

// next returns the next whole lines, at the end of the body also a last one
// without its line end. When the body or ctx ends the error is what the body
// failed with, io.EOF for none, or the context's cause; room bounds the waiting
// for the memory of a long line. The caller has flushed the piece before.
func (r *bodyReader) next(ctx, room context.Context) (piece, error) {
	for r.whole == r.lo {
		if r.err != nil {
			return r.last()
		}
		if ctx.Err() != nil {
			return piece{}, context.Cause(ctx)
		}
		if err := r.makeRoom(room); err != nil {
			return piece{}, err
		}
		if len(r.buf) > r.keep && len(r.buf) == cap(r.buf) {
			return r.cut()
		}
		n := r.read(r.buf[len(r.buf):cap(r.buf)])
		fresh := len(r.buf)
		r.buf = r.buf[:fresh+n]
		if i := bytes.LastIndexByte(r.buf[fresh:], '\n'); i >= 0 {
			r.whole = fresh + i + 1
		}
		if len(r.buf) == cap(r.buf) {
			r.want = bodyBuffer
		}
	}
	return r.lines(), nil
}

// waiting returns lines that were read and not passed on.
func (r *bodyReader) waiting() (piece, bool) {
	if r.whole == r.lo {
		return piece{}, false
	}
	return r.lines(), true
}

// lines takes the next whole lines.
func (r *bodyReader) lines() piece {
	end := r.lo
	for range maxPieceLines {
		end += bytes.IndexByte(r.buf[end:r.whole], '\n') + 1
		if end == r.whole {
			break
		}
	}
	return r.take(end)
}

// take passes on what there is up to end.
func (r *bodyReader) take(end int) piece {
	b := r.buf[r.lo:end]
	if cap(b) == pipeline.ChunkSize && len(b) < cap(b) {
		b = b[: len(b) : cap(b)-1] // of that size the pipeline would keep it for others, with our tail in it
	}
	p := piece{chunk: &pipeline.Chunk{Bytes: b}}
	r.seal(p, int64(len(b)))
	r.lo = end
	return p
}

// last takes the line that the body ends with.
func (r *bodyReader) last() (piece, error) {
	if r.err != io.EOF || r.lo == len(r.buf) {
		return piece{}, r.err
	}
	r.whole = len(r.buf)
	return r.take(r.whole), nil
}

// seal gives a piece its place. The intake copies what uses less than a quarter
// of its buffer; otherwise the buffer is the pipeline's from now on.
func (r *bodyReader) seal(p piece, length int64) {
	c := p.chunk
	c.Start = r.at
	r.at.Position += length
	if p.cut == nil {
		r.at.Line += int64(bytes.Count(c.Bytes, newline))
	} else {
		r.at.Line += p.cut.lineEnds
	}
	c.End = r.at
	r.given = r.given || 4*len(c.Bytes) >= cap(c.Bytes)
}

// read reads into p and counts it; what reading ends with waits in err.
func (r *bodyReader) read(p []byte) int {
	p = p[:min(int64(len(p)), r.left+1)]
	n := 0
	for range maxEmptyReads {
		if n, r.err = r.src.Read(p); n > 0 || r.err != nil {
			break
		}
	}
	if n == 0 && r.err == nil {
		r.err = io.ErrNoProgress
	}
	if int64(n) > r.left {
		n = int(r.left)
		r.err = fmt.Errorf("%w of %d bytes, decompressed: send it in parts", pipeline.ErrBodyTooLarge, r.limit)
	}
	r.left -= int64(n)
	return n
}

// makeRoom sees to a buffer that is ours and has room, or holds a line that is
// to be cut.
func (r *bodyReader) makeRoom(ctx context.Context) error {
	tail := len(r.buf) - r.lo
	switch {
	case r.given || cap(r.buf) > bodyBuffer && r.lo > 0 || r.buf == nil || cap(r.buf) < r.want && r.lo > 0:
		return r.renew(ctx, max(r.want, tail))
	case r.lo > 0:
		r.buf = r.buf[:copy(r.buf, r.buf[r.lo:])]
		r.lo, r.whole = 0, 0
	}
	most := r.keep + cutRoom
	if len(r.buf) == cap(r.buf) && cap(r.buf) < most {
		return r.renew(ctx, max(r.want, min(2*cap(r.buf), most)))
	}
	return nil
}

// renew moves what is not passed on to a new buffer. The turn that a long line
// needs is taken for the longest at once, so that nobody waits for more with
// half a line in hand.
func (r *bodyReader) renew(ctx context.Context, size int) error {
	if tail := len(r.buf) - r.lo; size == tail {
		size = min(2*size, max(r.keep+cutRoom, size+cutRoom))
	}
	switch {
	case size <= bodyBuffer:
		r.endLong()
	case r.held == 0:
		n := int64(r.keep + cutRoom)
		if err := r.long.acquire(ctx, r.class, n); err != nil {
			return err
		}
		r.held = n
	}
	grown := append(make([]byte, 0, size), r.buf[r.lo:]...)
	r.resized(cap(grown) - cap(r.buf))
	r.buf, r.lo, r.whole, r.given = grown, 0, 0, false
	return nil
}

func (r *bodyReader) resized(bytes int) {
	if r.resize != nil {
		r.resize(bytes)
	}
}

func (r *bodyReader) endLong() {
	if r.held > 0 {
		r.long.release(r.class, r.held)
		r.held = 0
	}
}

// close lets go of the buffer; a small one that is ours serves the next body.
func (r *bodyReader) close() {
	r.resized(-cap(r.buf))
	r.endLong()
	buf := r.buf
	if r.given || cap(buf) != smallBuffer {
		buf = nil
	}
	*r = bodyReader{buf: buf[:0]}
	bodyReaders.Put(r)
}
