package ingest

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"time"

	"sluice/pipeline"
)

// followed is one file that is followed, whatever it is called at the moment.
type followed struct {
	path    string // where it was last seen
	file    *os.File
	info    fs.FileInfo // when it was last looked at
	changed time.Time   // when it was last seen to change
	after   *followed   // is read to its end first; nil for none
	moved   bool        // another file has its place, or it has no name any more
	rest    bool        // was not asked for: it has the rest of one that was
	missed  bool        // was written and rotated away while nobody looked
	fresh   bool        // is a new one, whatever it looks like
	held    *followed   // of which it is a copy, or is becoming one
	copied  bool        // is a copy for good, unless it changes

	form    format
	known   int  // index into the register, -1 while it has no start
	resumed bool // at and trail hold
	at      pipeline.Point
	trail   trail
	scanned int64 // no line ends between at and here

	busy    bool // a pass has it
	drained bool // was read to its end after it moved
	whole   bool // compressed: was read
	retired bool
}

func newFollowed(path string, info fs.FileInfo) *followed {
	f := &followed{path: path, info: info, known: -1}
	if now := time.Now(); now.Sub(info.ModTime()) < settleAfter {
		f.changed = now
	}
	return f
}

func (f *followed) close() {
	if f.file != nil {
		f.file.Close()
		f.file = nil
	}
}

// open opens the file, which must still be the one at its path.
func (f *followed) open() error {
	if f.file != nil {
		return nil
	}
	file, err := os.Open(f.path)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && !os.SameFile(info, f.info) {
		err = os.ErrNotExist // it was replaced, which the next list sees
	}
	if err != nil {
		file.Close()
		return err
	}
	f.file = file
	return nil
}

// note looks at the file's size and time, and says whether they have changed.
func (f *followed) note() (changed bool, err error) {
	info, err := f.file.Stat()
	if err != nil {
		return false, err
	}
	if info.Size() != f.info.Size() || !info.ModTime().Equal(f.info.ModTime()) {
		changed, f.changed = true, time.Now()
	}
	f.info = info
	if links(info) == 0 {
		f.moved = true
	}
	return changed, nil
}

// quiet says whether the file has not changed for so long.
func (f *followed) quiet(d time.Duration) bool { return time.Since(f.changed) >= d }

// proves says whether the file still has what was read of it, as far as its
// start and the bytes before the position show.
func (f *followed) proves(id identity) (bool, error) {
	if f.at.Position == 0 {
		return true, nil
	}
	head := make([]byte, id.length)
	tail := make([]byte, min(f.at.Position, trailSize))
	for _, r := range []struct {
		p  []byte
		at int64
	}{{head, 0}, {tail, f.at.Position - int64(len(tail))}} {
		if n, err := f.file.ReadAt(r.p, r.at); n < len(r.p) {
			if err == io.EOF {
				err = nil
			}
			return false, err
		}
	}
	return id.matches(head) && bytes.HasSuffix(f.trail.bytes[:f.trail.len], tail), nil
}

// lineEnd returns the place behind a line end, about passBytes ahead at most; 0
// when the file has no whole line beyond the position. Each byte is looked at
// once while its line is not finished.
func (f *followed) lineEnd() (int64, error) {
	size := f.info.Size()
	from := max(f.at.Position, f.scanned)
	want := min(size, f.at.Position+passBytes)
	block := make([]byte, 64<<10)
	for hi := want; hi > from; {
		b := block[:min(hi-from, int64(len(block)))]
		if n, err := f.file.ReadAt(b, hi-int64(len(b))); n < len(b) {
			return 0, shrunk(err)
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 {
			return hi - int64(len(b)) + int64(i) + 1, nil
		}
		hi -= int64(len(b))
	}
	for lo := max(from, want); lo < size; {
		b := block[:min(size-lo, int64(len(block)))]
		if n, err := f.file.ReadAt(b, lo); n < len(b) {
			return 0, shrunk(err)
		}
		if i := bytes.IndexByte(b, '\n'); i >= 0 {
			return lo + int64(i) + 1, nil
		}
		lo += int64(len(b))
	}
	f.scanned = size
	return 0, nil
}

// shrunk is the error of a read that gave less than the file had.
func shrunk(err error) error {
	if err == nil || err == io.EOF {
		return errShrunk
	}
	return err
}
