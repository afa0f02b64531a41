package ingest

import (
	"bytes"
	"io"

	"sluice/pipeline"
)

// cut takes the start of a line that is longer than any record may be, and
// reads on to the line's end.
func (r *bodyReader) cut() (piece, error) {
	room := r.buf[r.keep:]
	n, lastByte := len(room), r.buf[r.keep-1]
	c := &cutLine{length: int64(r.keep), blank: true}
	for {
		line, rest, found := bytes.Cut(room[:n], newline)
		c.length += int64(len(line))
		c.blank = c.blank && isBlank(line)
		if len(line) > 0 {
			lastByte = line[len(line)-1]
		}
		switch {
		case found:
			c.size = c.length
			if lastByte == '\r' {
				c.size--
			}
			c.length++
			c.lineEnds = 1
			return r.takeCut(c, r.keep+n-len(rest), r.keep+n), nil
		case r.err == io.EOF:
			c.size = c.length
			return r.takeCut(c, len(r.buf), len(r.buf)), nil
		case r.err != nil:
			r.lo, r.whole = len(r.buf), len(r.buf) // a torn line is not passed on
			return piece{}, r.err
		}
		n = r.read(room)
	}
}

// takeCut passes on the start of a line; what was read behind it lies in the
// buffer from lo to hi.
func (r *bodyReader) takeCut(c *cutLine, lo, hi int) piece {
	p := piece{chunk: &pipeline.Chunk{Bytes: r.buf[:r.keep:r.keep]}, cut: c}
	r.seal(p, c.length)
	r.buf = r.buf[:hi]
	r.lo, r.whole = lo, max(lo, bytes.LastIndexByte(r.buf, '\n')+1)
	return p
}
