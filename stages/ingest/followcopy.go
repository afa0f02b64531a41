package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"sluice/pipeline"
)

// cut deals with a file that was cut and may have been written anew. What had
// not been read yet may stand in a copy that was made before.
func (l *Follow) cut(f *followed) {
	copied := l.findCopy(f)
	if copied == nil {
		l.lost(f, "is read from its start")
		l.anew(f)
		return
	}
	known, at, t := f.known, f.at, f.trail
	l.anew(f)
	l.own(copied, known)
	copied.held, copied.copied = nil, false
	copied.moved, copied.rotated = true, true
	copied.resumed, copied.at, copied.trail, copied.scanned = true, at, t, 0
	parts := append([]*followed{copied}, l.between(f.path, copied)...)
	l.files = append(l.files, parts[1:]...)
	for _, g := range l.files {
		if g != f && g.after == copied {
			g.after = f // it had been taken for one that came after f
		}
	}
	chain(append(parts, f))
}

// lost tells of lines that are nowhere to be found.
func (l *Follow) lost(f *followed, then string) {
	l.cfg.Warn(fmt.Sprintf("%s: it was cut, and %s; it had been read up to byte %d, and if there was more it is lost: no copy of it was found beside it",
		f.path, then, f.at.Position))
}

// anew has a file read from its start, as one that nobody knows.
func (l *Follow) anew(f *followed) {
	l.release(f)
	f.resumed, f.drained, f.whole, f.fresh = false, false, false, true
	f.at, f.trail, f.scanned = pipeline.Point{}, trail{}, 0
}

// findCopy returns the copy of a file that was cut: one that is held back, or
// one beside it. It looks twice, for what makes the copy may be compressing it.
func (l *Follow) findCopy(f *followed) *followed {
	c, vanished := l.searchCopy(f)
	if c == nil && vanished {
		c, _ = l.searchCopy(f)
	}
	return c
}

func (l *Follow) searchCopy(f *followed) (found *followed, vanished bool) {
	var packed *followed // by its start; the rest shows when it is unpacked
	consider := func(c *followed) {
		switch err := l.fits(c, f); {
		case errors.Is(err, fs.ErrNotExist):
			vanished = true
		case err != nil:
		case c.form == formatPlain:
			found = c
		case packed == nil:
			packed = c
		}
	}
	var beside []*followed
	for _, c := range l.files {
		if c != f && c.known < 0 && !c.retired && !c.busy && found == nil {
			consider(c)
		}
	}
	for _, at := range slices.Backward(rotatedOf(f.path)) {
		if found != nil {
			break
		}
		if c := l.beside(at); c != nil {
			c.rest = true
			beside = append(beside, c)
			consider(c)
		}
	}
	if found == nil {
		found = packed
	}
	for _, c := range beside {
		if c == found {
			l.files = append(l.files, c)
		} else {
			c.close()
		}
	}
	return found, vanished
}

// errNoCopy says that a file is no copy of another.
var errNoCopy = errors.New("no copy")

// fits returns nil when c may be a copy of f as it was.
func (l *Follow) fits(c, f *followed) error {
	if err := c.open(); err != nil {
		return err
	}
	head, form, err := readHead(c.file)
	if err != nil {
		return err
	}
	c.form = form
	known := &l.content.register.files[f.known]
	if !known.matches(head) || !l.claim(c, 0, f.known).sure() {
		return errNoCopy
	}
	if form == formatPlain {
		_, err = verifyPlain(c.file, known.progress)
	}
	return err
}
