package ingest

import (
	"bytes"
	"context"
	"io"
)

var byteOrderMark = []byte("\xEF\xBB\xBF")

// framer splits chunks into lines. It allocates nothing and copies nothing.
type framer struct {
	name     string // of the input, for warnings
	maxBytes int
	quota    *quota
	warn     func(string)
	at       int64 // the end of what was framed
	inLine   bool  // an earlier run took the line before the first chunk unfinished
}

// pump moves everything from r to the intake, which open returns when there is
// a first chunk for it. It returns nil when the input has ended or the quota is
// spent, and the context's cause when ctx ends between two chunks.
func (f *framer) pump(ctx context.Context, r *reader, open func() (intake, error)) error {
	var in intake
	for !f.quota.spent() {
		p, err := r.next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if in == nil {
			if in, err = open(); err != nil {
				p.chunk.Release()
				return err
			}
		}
		f.frame(in, p)
		if err := in.Flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// frame hands the chunk and its lines to the intake. A line ends with \n or
// \r\n. Lines of nothing but spaces, tabs and \r count, and are skipped.
func (f *framer) frame(in intake, p piece) {
	rest, position, line := p.chunk.Bytes, p.chunk.Start.Position, p.chunk.Start.Line
	f.at = p.chunk.End.Position
	in.Begin(p.chunk)
	bom := f.skipStart(rest, position)
	rest, position = rest[bom:], position+int64(bom)
	for len(rest) > 0 && !f.quota.spent() {
		line++
		i := bytes.IndexByte(rest, '\n')
		if i < 0 {
			f.last(in, rest, position, line, p.cut, int64(bom))
			return
		}
		raw := rest[:i]
		if i > 0 && raw[i-1] == '\r' {
			raw = raw[:i-1]
		}
		f.add(in, raw, position, line, int64(len(raw)))
		rest, position = rest[i+1:], position+int64(i+1)
	}
}

// last adds a line without its line end. bom is what was skipped before the
// chunk's first line.
func (f *framer) last(in intake, raw []byte, position, line int64, cut *cutLine, bom int64) {
	switch {
	case cut == nil:
		f.add(in, raw, position, line, int64(len(raw)))
	case !cut.blank || !isBlank(raw):
		// A line that was cut is alone in its chunk, so bom was its own.
		f.add(in, raw, position, line, cut.size-bom)
	}
}

func (f *framer) add(in intake, raw []byte, position, line, size int64) {
	if size == int64(len(raw)) && isBlank(raw) {
		return
	}
	f.quota.use()
	if size > int64(f.maxBytes) {
		in.AddTooLong(raw[:f.maxBytes], position, line, size)
		return
	}
	in.Add(raw, position, line)
}

// skipStart looks at the first bytes of an input or of what is new in it, and
// returns how many of them are a byte order mark.
func (f *framer) skipStart(start []byte, position int64) int {
	if f.inLine {
		f.inLine = false
		if start[0] != '\n' && start[0] != '\r' {
			f.warn(f.name + ": an earlier run took the last line before it was finished; its rest is read as a line of its own")
		}
	}
	if position > 0 {
		return 0
	}
	if warning := foreign(start); warning != "" {
		f.warn(f.name + ": " + warning)
	}
	if bytes.HasPrefix(start, byteOrderMark) {
		return len(byteOrderMark)
	}
	return 0
}

// isBlank says whether a line is nothing but spaces, tabs and carriage returns.
func isBlank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && c != '\t' && c != '\r' {
			return false
		}
	}
	return true
}
