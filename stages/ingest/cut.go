package ingest

import (
	"bytes"
	"io"
)

// cutSize is how much of a line that is too long is read at a time.
const cutSize = 64 << 10

// cutLine describes a line of which only the start was kept.
type cutLine struct {
	length   int64 // its bytes in the input, line end included
	size     int64 // the same without its line end
	lineEnds int64 // 1, or 0 where the input ended first
	blank    bool  // the bytes that were not kept are all white space
}

// cutLocked is called with a chunk that is the start of one line, longer than
// any record may be. It keeps the start, reads on to the line's end and hands
// the chunk over; what was read behind the line begins the next chunk.
func (r *reader) cutLocked() error {
	b := r.chunk.Bytes
	r.trailLocked(b)
	cut := &cutLine{length: int64(len(b)), blank: isBlank(b[r.keep:])}
	lastByte := b[len(b)-1]
	r.chunk.Bytes = b[:r.keep]
	rest, err := r.discardLocked(cut, lastByte)
	if err != nil && err != io.EOF {
		r.chunk.Bytes = r.chunk.Bytes[:0] // a torn line is not delivered
		return err
	}
	r.cut, r.whole = cut, len(r.chunk.Bytes)
	if stopped := r.handLocked(); stopped != nil {
		return stopped
	}
	r.chunk.Bytes = append(r.chunk.Bytes, rest...)
	r.whole = bytes.LastIndexByte(r.chunk.Bytes, '\n') + 1
	return err
}

// discardLocked reads to the end of the line, whose last byte so far is
// lastByte, measures it, and returns what it read of the lines behind.
func (r *reader) discardLocked(cut *cutLine, lastByte byte) (rest []byte, err error) {
	if r.scratch == nil {
		r.scratch = make([]byte, cutSize)
	}
	for {
		n, err := r.readLocked(r.scratch)
		if err != nil {
			cut.size = cut.length
			return nil, err
		}
		line, rest, found := bytes.Cut(r.scratch[:n], newline)
		cut.length += int64(len(line))
		cut.blank = cut.blank && isBlank(line)
		if len(line) > 0 {
			lastByte = line[len(line)-1]
		}
		if !found {
			r.trailLocked(line)
			continue
		}
		r.trailLocked(r.scratch[:len(line)+1])
		cut.size = cut.length
		if lastByte == '\r' {
			cut.size--
		}
		cut.length++
		cut.lineEnds = 1
		return rest, nil
	}
}
