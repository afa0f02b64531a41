package ingest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync/atomic"
)

// identify finds out which file this is. It is not ready while it has no whole
// line yet, is not whole, or is a copy of one that is followed.
func (l *Follow) identify(f *followed) (ready bool, err error) {
	if f.dirty {
		f.copied, f.dirty = false, false
	}
	if f.held != nil && f.copied && l.owned(f.held) {
		return false, nil
	}
	head, form, err := readHead(f.file)
	if err != nil {
		return false, err
	}
	f.form = form
	if !l.complete(f, head) {
		return false, nil
	}
	if len(head) == 0 {
		l.empty(f)
		return false, nil
	}
	if f.fresh {
		l.begin(f, head)
		return true, nil
	}
	claims, copyOf := l.claims(f, 0, head)
	known := assign(1, claims)[0]
	switch {
	case known >= 0:
		l.own(f, known)
	case f.rest:
		f.drained, f.retired = true, true // there is nothing of it to read
		return false, nil
	case copyOf != nil:
		l.hold(f, copyOf)
		return false, nil
	case f.copied: // what it is a copy of was cut, and it has no more than was read
		return false, nil
	default:
		l.begin(f, head)
	}
	return true, nil
}

// complete says whether there is enough of a file to know it by: a line, or as
// much as is looked at, or all that there will ever be.
func (l *Follow) complete(f *followed, head []byte) bool {
	if f.form != formatPlain {
		return f.quiet(settleAfter)
	}
	return f.moved || f.rest || len(head) == headSize || bytes.IndexByte(head, '\n') >= 0
}

// empty deals with a file that has nothing to know it by, and will have no more
// as it is: it has moved, or is compressed.
func (l *Follow) empty(f *followed) {
	if f.form != formatPlain && !f.whole {
		f.whole = true // until it changes
		var count atomic.Int64
		d := newDecoder(io.NewSectionReader(f.file, 0, f.info.Size()), &count)
		if _, err := io.Copy(io.Discard, guarded{d}); err != nil {
			l.broken(f, err)
		}
	}
	if f.moved || f.rest {
		f.drained, f.retired = true, true
	}
}

// broken tells of a compressed file that breaks off or is damaged.
func (l *Follow) broken(f *followed, err error) {
	err = explainOpen(f.path, err)
	l.warnOnce(f.path, err.Error())
	l.ended[f.path] = err
}

// begin makes a file one that nobody knows.
func (l *Follow) begin(f *followed, head []byte) {
	l.content.register.newFile(head, inodeOf(f.info), f.path)
	l.own(f, len(l.content.register.files)-1)
	f.fresh, f.scanned = false, 0
	f.resumed = f.form == formatPlain
}

func (l *Follow) owned(f *followed) bool { return f.known >= 0 && !f.retired }

// hold leaves a copy alone. While it may still be being written it is looked at
// again.
func (l *Follow) hold(f, of *followed) {
	f.held, f.copied = of, f.quiet(settleAfter)
	if f.copied {
		l.warnOnce(f.path, fmt.Sprintf("%s: it begins as %s does, which is followed, and has nothing else: it is taken for a copy and left alone while that is so", f.path, of.path))
	}
}

// claims returns which known files that nobody has this one may be, and the one
// that is followed of which it may be a copy.
func (l *Follow) claims(f *followed, index int, head []byte) (claims []claim, copyOf *followed) {
	r := l.content.register
	known := r.candidates(head)
	var free []int
	for _, k := range known {
		owner := l.owners[k]
		switch {
		case owner == nil:
			free = append(free, k)
		case owner != f && replaces(f, owner):
			if owner.busy {
				copyOf = owner // until it has been read
				continue
			}
			l.retire(owner)
			free = append(free, k)
		case owner != f && l.mayCopy(f, k, owner):
			copyOf = owner
		}
	}
	for _, k := range l.content.fitting(f.file, f.form, free) {
		if c := l.claim(f, index, k); c.sure() {
			claims = append(claims, c)
		}
	}
	return claims, copyOf
}

func (l *Follow) claim(f *followed, index, known int) claim {
	k := &l.content.register.files[known]
	return claim{
		file: index, known: known, length: k.length, frontier: k.progress.Frontier,
		inode: k.inode != 0 && k.inode == inodeOf(f.info),
		path:  l.namedAs(f, known),
	}
}

// namedAs says whether the name of a file speaks for its being a known one. That
// of a file in the place of one that was renamed does not: logs begin alike.
func (l *Follow) namedAs(f *followed, known int) bool {
	if f.took != nil && f.took.known == known {
		return false
	}
	name := l.content.register.files[known].progress.Name
	return plainName(name) == plainName(f.path) || related(name, f.path)
}

// replaces says whether a file with the same start is another one saved anew:
// it has its place and all that it had, and that one has no name any more. Of
// little that is the same nothing can be told: logs begin alike.
func replaces(f, owner *followed) bool {
	if f.path != owner.path || f.form != formatPlain || owner.form != formatPlain ||
		owner.file == nil || owner.linked() || owner.note() != nil {
		return false
	}
	size := owner.info.Size()
	return owner.at.Position >= headSize && size <= f.info.Size() && sameBefore(f.file, owner.file, size)
}

// mayCopy says whether a file is a copy of one that is followed, or is becoming
// one: all it has is the same, as far as the start and the end of it show.
func (l *Follow) mayCopy(f *followed, known int, owner *followed) bool {
	if !l.claim(f, 0, known).sure() {
		return false
	}
	if f.form != formatPlain || owner.form != formatPlain || owner.file == nil {
		return true
	}
	if owner.note() != nil {
		return true
	}
	size := f.info.Size()
	if !sameBefore(f.file, owner.file, min(size, owner.info.Size())) {
		return false
	}
	if size <= owner.info.Size() {
		return true
	}
	same, err := owner.proves(l.content.register.files[known].identity)
	if err != nil || !same {
		return true // the original is about to be found cut
	}
	l.cfg.Warn(fmt.Sprintf("%s: it begins as %s does, which is followed, and has more: it is read from its start", f.path, owner.path))
	return false
}

// sameBefore says whether two files have the same bytes before a place.
func sameBefore(a, b *os.File, place int64) bool {
	tail := make([]byte, min(place, trailSize))
	other := make([]byte, len(tail))
	n, _ := a.ReadAt(tail, place-int64(len(tail)))
	m, _ := b.ReadAt(other, place-int64(len(tail)))
	return n == len(tail) && m == n && bytes.Equal(tail, other)
}
