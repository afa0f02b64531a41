package ingest

import (
	"bytes"
	"io"
	"os"
)

// sectionReader gives a part of a plain file. What stands before each piece is
// compared with what was read: a file that was cut, and perhaps has grown again,
// gives errChanged, and nothing of what stands there now.
type sectionReader struct {
	file    *os.File
	at, end int64
	before  trail // at the end of it is at
	check   [trailSize]byte
	read    int64
}

// Read implements io.Reader.
func (s *sectionReader) Read(b []byte) (int, error) {
	if s.at >= s.end {
		return 0, io.EOF
	}
	n, err := s.file.ReadAt(b[:min(int64(len(b)), s.end-s.at)], s.at)
	if n == 0 {
		return 0, changed(err)
	}
	before := s.before.bytes[:s.before.len]
	m, err := s.file.ReadAt(s.check[:len(before)], s.at-int64(len(before)))
	if m < len(before) {
		return 0, changed(err)
	}
	if !bytes.Equal(s.check[:m], before) {
		return 0, errChanged
	}
	s.before.Write(b[:n])
	s.at += int64(n)
	s.read += int64(n)
	return n, nil
}

// changed is the error of a read that gave less than the file had.
func changed(err error) error {
	if err == nil || err == io.EOF {
		return errChanged
	}
	return err
}

// scanBlock is how much of a file is searched for line ends at a time.
const scanBlock = 64 << 10

// lineEnd returns the place behind a line end beyond at: the last one of the next
// passBytes, or of the file, or else the first one there is; 0 when there is no
// whole line. No line ends between at and from, where it begins to search, nor
// between the end and scanned.
func lineEnd(file *os.File, at, from, size int64) (end, scanned int64, err error) {
	from = max(at, from)
	want := max(from, min(size, at+passBytes))
	block := make([]byte, min(scanBlock, max(0, size-from)))
	for hi := want; hi > from; {
		b := block[:min(hi-from, int64(len(block)))]
		if n, err := file.ReadAt(b, hi-int64(len(b))); n < len(b) {
			return 0, from, changed(err)
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return hi - int64(len(b)) + int64(i) + 1, want, nil
		}
		hi -= int64(len(b))
	}
	for lo := want; lo < size; {
		b := block[:min(size-lo, int64(len(block)))]
		if n, err := file.ReadAt(b, lo); n < len(b) {
			return 0, lo, changed(err)
		}
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			end = lo + int64(i) + 1
			return end, end, nil
		}
		lo += int64(len(b))
	}
	return 0, size, nil
}
