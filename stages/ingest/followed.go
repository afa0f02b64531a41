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
	dirty   bool        // has changed since it was last compared with its position
	pattern bool        // was found by a pattern
	listed  int         // the look at which it was last found
	after   *followed   // is read to its end first; nil for none
	took    *followed   // had the path before and has another name now: the path says nothing
	moved   bool        // another file has its place, or it has no name any more
	rotated bool        // another file has had its place: nobody finishes its last line
	rest    bool        // was not asked for: it has the rest of one that was
	fresh   bool        // is a new one, whatever it looks like
	held    *followed   // of which it is a copy, or is becoming one
	copied  bool        // is a copy for good, unless it changes

	form    format
	known   int  // index into the register, -1 while it has no start
	resumed bool // at and trail hold
	at      pipeline.Point
	trail   trail
	scanned int64 // no line ends between at and here

	busy     bool // a pass has it
	drained  bool // was read to its end when it was last looked at
	troubled bool // could not be read, the last time
	whole    bool // compressed: was read
	retired  bool
}

func newFollowed(path string, info fs.FileInfo) *followed {
	f := &followed{path: path, info: info, known: -1, changed: info.ModTime()}
	if now := time.Now(); f.changed.After(now) { // clocks differ
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
	file, err := os.OpenFile(f.path, openFlags, 0)
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

// note looks at the file's size and time.
func (f *followed) note() error {
	info, err := f.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != f.info.Size() || !info.ModTime().Equal(f.info.ModTime()) {
		f.dirty, f.changed = true, time.Now()
	}
	f.info = info
	if links(info) == 0 {
		f.moved, f.rotated = true, true
	}
	return nil
}

// waits says whether what f has must not be read yet, because the file before it
// has not been read to its end. It is asked when f's size was noted: a writer that
// has gone over to f left all it had in the file before, whose size is looked at
// again therefore.
func (f *followed) waits() bool {
	for f.after != nil && f.after.retired {
		f.after = f.after.after
	}
	before := f.after
	switch {
	case before == nil:
		return false
	case !before.drained || before.busy || before.after != nil:
		return true
	case before.grew():
		before.drained = false
		return true
	}
	f.after = nil
	return false
}

// waitsFor says whether g comes before f, directly or not.
func (f *followed) waitsFor(g *followed) bool {
	for h := f.after; h != nil; h = h.after {
		if h == g {
			return true
		}
	}
	return false
}

// grew says whether the file has more than when it was last looked at.
func (f *followed) grew() bool {
	if f.file == nil {
		return false
	}
	info, err := f.file.Stat()
	return err == nil && info.Size() > f.info.Size()
}

// linked says whether the file is open and still has a name.
func (f *followed) linked() bool {
	if f.file == nil {
		return false
	}
	info, err := f.file.Stat()
	return err == nil && links(info) > 0
}

// quiet says whether the file has not changed for so long.
func (f *followed) quiet(d time.Duration) bool { return time.Since(f.changed) >= d }

// read says up to where there is nothing more to find.
func (f *followed) read() int64 { return max(f.at.Position, f.scanned) }

// proves says whether the file still has what was read of it, as far as its
// start and the bytes before the position show.
func (f *followed) proves(id identity) (bool, error) {
	head := make([]byte, id.length)
	if n, err := f.file.ReadAt(head, 0); n < len(head) {
		return false, unlessEOF(err)
	}
	tail := make([]byte, min(f.at.Position, trailSize))
	if n, err := f.file.ReadAt(tail, f.at.Position-int64(len(tail))); n < len(tail) {
		return false, unlessEOF(err)
	}
	return id.matches(head) && bytes.HasSuffix(f.trail.bytes[:f.trail.len], tail), nil
}

func unlessEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}
