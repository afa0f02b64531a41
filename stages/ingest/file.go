package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"

	"sluice/pipeline"
)

// errOtherFile says that a file is not the one whose progress is stored: it is
// shorter, or has other bytes before the position.
var errOtherFile = errors.New("not the file that was read")

// input is an open file, ready to be read from start on.
type input struct {
	file  *os.File
	src   io.Reader // the decompressed bytes from start on
	start pipeline.Point
	trail trail
}

// readHead returns the first bytes of a file's decompressed content, up to
// headSize, and its format. A compressed file that is damaged there gives what
// it has. The file's offset is at its start before and after.
func readHead(file *os.File) (head []byte, f format, err error) {
	var count atomic.Int64
	d := newDecoder(io.NewSectionReader(file, 0, 1<<62), &count)
	head = make([]byte, headSize)
	n, err := io.ReadFull(guarded{d}, head)
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF, errors.Is(err, pipeline.ErrSourceTruncated):
		err = nil
	case d.raw.err == nil && d.format != formatPlain:
		err = nil // what it is reported for when it is read
	}
	return head[:n], d.format, err
}

// guarded is a reader whose panics are errors.
type guarded struct{ io.Reader }

// Read implements io.Reader.
func (g guarded) Read(p []byte) (int, error) { return guardedRead(g.Reader, p) }

// verifyPlain checks that a plain file still has the bytes before the position
// that was stored, and returns them. Otherwise the error is errOtherFile.
func verifyPlain(file *os.File, stored pipeline.Progress) (t trail, err error) {
	tail := make([]byte, min(stored.Frontier, trailSize))
	if n, err := file.ReadAt(tail, stored.Frontier-int64(len(tail))); n < len(tail) {
		if err == io.EOF {
			err = errOtherFile
		}
		return t, err
	}
	t.Write(tail)
	return t, checkMark(&t, stored)
}

func checkMark(t *trail, stored pipeline.Progress) error {
	if stored.Frontier > 0 && !t.proves(stored.Mark) {
		return errOtherFile
	}
	return nil
}

// resumeInput makes the file ready behind the stored position. count is set to
// the bytes of the file that lie before. The error is errOtherFile where the
// file is not the one.
func resumeInput(ctx context.Context, file *os.File, form format, stored pipeline.Progress, count *atomic.Int64) (*input, error) {
	in := &input{file: file, start: pipeline.Point{Position: stored.Frontier, Line: stored.Line, Mark: stored.Mark}}
	var err error
	switch {
	case form != formatPlain:
		in.src, in.trail = newDecoder(file, count), trail{whole: true}
		err = in.skip(ctx, stored)
	case isWhole(stored.Mark): // it was compressed when it was read
		in.src, in.trail = counter{file, count}, trail{whole: true}
		err = in.skip(ctx, stored)
		in.trail.whole = false
	default:
		if in.trail, err = verifyPlain(file, stored); err != nil {
			return nil, err
		}
		count.Store(stored.Frontier)
		in.src = counter{file, count}
		_, err = file.Seek(stored.Frontier, io.SeekStart)
	}
	return in, err
}

// skip reads up to the stored position. A damaged file is an error of its own,
// not another file: to read it again would double its records.
func (in *input) skip(ctx context.Context, stored pipeline.Progress) error {
	buf := make([]byte, compressedBuffer)
	for left := stored.Frontier; left > 0; {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n, err := guardedRead(in.src, buf[:min(left, compressedBuffer)])
		in.trail.Write(buf[:n])
		left -= int64(n)
		if left > 0 && err == io.EOF {
			return errOtherFile
		}
		if left > 0 && err != nil {
			return fmt.Errorf("go on at byte %d: %w", stored.Frontier, err)
		}
	}
	return checkMark(&in.trail, stored)
}

// startInput makes the file ready at its start.
func startInput(file *os.File, form format, count *atomic.Int64) (*input, error) {
	count.Store(0)
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	return &input{file: file, src: newDecoder(file, count), trail: trail{whole: form != formatPlain}}, nil
}
