package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxCheckedLine bounds the memory that sluice check --schema takes for a line.
const maxCheckedLine = 32 << 20

// lineReader reads the lines of a text that are not blank. For one goroutine.
type lineReader struct {
	number int // of the line that was read last, from 1
	in     *bufio.Reader
	idle   func() error // called before a read that may wait
	buf    []byte
}

func newLineReader(in io.Reader, idle func() error) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(in, 64<<10), idle: idle}
}

// checkedLine is a line; one beyond maxCheckedLine is long and has not all its
// text.
type checkedLine struct {
	text []byte
	long bool
}

// next returns the next line without its end, valid until the one after it;
// io.EOF after the last. A line that is too long has the error errLongLine, after
// which it goes on.
func (l *lineReader) next() (checkedLine, error) {
	for {
		line, err := l.line()
		if err != nil {
			return line, err
		}
		if l.number == 1 {
			line.text = bytes.TrimPrefix(line.text, []byte("\xef\xbb\xbf"))
		}
		if line.long || len(bytes.TrimSpace(line.text)) > 0 {
			return line, nil
		}
	}
}

// line reads up to the next line end, or the end of the text.
func (l *lineReader) line() (checkedLine, error) {
	l.buf = l.buf[:0]
	long := false
	for {
		if l.in.Buffered() == 0 {
			if err := l.idle(); err != nil {
				return checkedLine{}, err
			}
		}
		part, err := l.in.ReadSlice('\n')
		if long = long || len(l.buf)+len(part) > maxCheckedLine; !long {
			l.buf = append(l.buf, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(l.buf) == 0 && !long:
			return checkedLine{}, io.EOF
		case err == nil, errors.Is(err, io.EOF):
			l.number++
			return checkedLine{bytes.TrimSuffix(l.buf, []byte("\n")), long}, nil
		default:
			return checkedLine{}, err
		}
	}
}
