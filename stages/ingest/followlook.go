package ingest

import (
	"errors"
	"fmt"
	"os"

	"sluice/pipeline"
)

// look finds out what is to be done about a file; it returns a pass when there
// is something to read.
func (l *Follow) look(f *followed) *pass {
	if f.after != nil && !f.after.drained && !f.after.retired {
		return nil
	}
	f.after = nil
	p, err := l.lookInto(f)
	if err != nil {
		f.drained = true // nobody can wait for it
	}
	switch {
	case errors.Is(err, os.ErrNotExist) && f.file == nil:
		f.retired = true // it came and went
		l.release(f)
	case err != nil && !errors.Is(err, errShrunk):
		l.warnOnce(f.path, explainOpen(f.path, err).Error()+"; it is tried again")
	}
	return p
}

func (l *Follow) lookInto(f *followed) (*pass, error) {
	if err := f.open(); err != nil {
		return nil, err
	}
	changed, err := f.note()
	if err != nil {
		return nil, err
	}
	if changed {
		f.whole = false
	}
	if f.known < 0 {
		if ready, err := l.identify(f, changed); !ready {
			f.drained = f.form == formatPlain || f.held != nil || f.whole
			return nil, err
		}
	}
	switch {
	case f.form != formatPlain:
		return l.lookIntoCompressed(f), nil
	case !f.resumed:
		return l.newPass(f, passResume, 0), nil
	}
	return l.lookAhead(f, changed)
}

// lookIntoCompressed has a compressed file read, once it is whole.
func (l *Follow) lookIntoCompressed(f *followed) *pass {
	if f.whole {
		if f.moved || f.rest {
			f.drained, f.retired = true, true
			l.release(f)
		}
		return nil
	}
	if !f.quiet(settleAfter) {
		return nil
	}
	return l.newPass(f, passWhole, 0)
}

// lookAhead compares a plain file with its position. One that was written to and
// is no longer than that may have been cut and have grown again.
func (l *Follow) lookAhead(f *followed, changed bool) (*pass, error) {
	size := f.info.Size()
	if size < f.at.Position {
		l.cut(f)
		return nil, nil
	}
	if size > f.at.Position || changed {
		same, err := f.proves(l.content.register.files[f.known].identity)
		if err != nil {
			return nil, err
		}
		if !same {
			l.cut(f)
			return nil, nil
		}
		end, err := f.lineEnd()
		if err != nil {
			return nil, err
		}
		if end > 0 {
			f.drained = false
			return l.newPass(f, passLines, end), nil
		}
	}
	return l.idle(f), nil
}

// idle is what comes of a file that has no whole line more.
func (l *Follow) idle(f *followed) *pass {
	f.drained = true
	if !f.moved && !f.rest || !f.quiet(retireAfter) {
		return nil
	}
	if size := f.info.Size(); size > f.at.Position {
		return l.newPass(f, passLines, size) // nobody will finish the line
	}
	f.retired = true
	l.release(f)
	return nil
}

// cut deals with a file that was cut and may have been written anew. What had
// not been read yet may stand in a copy that was made before.
func (l *Follow) cut(f *followed) {
	old := l.content.register.files[f.known].progress
	copied := l.findCopy(f, old)
	if copied == nil {
		l.cfg.Warn(fmt.Sprintf("%s: it was cut, and is read from its start; it had been read up to byte %d, and what came after that is lost unless it had been copied to a file beside it",
			f.path, old.Frontier))
		l.anew(f)
		return
	}
	known, at, t := f.known, f.at, f.trail
	l.anew(f)
	l.own(copied, known)
	copied.held, copied.copied, copied.moved = nil, false, true
	copied.resumed, copied.at, copied.trail = true, at, t
	copied.scanned = 0
	f.after = copied
}

// anew has a file read from its start, as one that nobody knows.
func (l *Follow) anew(f *followed) {
	l.release(f)
	f.resumed, f.drained, f.whole = false, false, false
	f.at, f.trail, f.scanned = pipeline.Point{}, trail{}, 0
	f.fresh = true
}

// own makes a known file this one.
func (l *Follow) own(f *followed, known int) {
	f.known = known
	l.owners[known] = f
}

func (l *Follow) release(f *followed) {
	if f.known >= 0 && l.owners[f.known] == f {
		delete(l.owners, f.known)
	}
	f.known = -1
}

// warnOnce warns about a path, once for the same reason.
func (l *Follow) warnOnce(path, text string) {
	if l.told[path] != text {
		l.told[path] = text
		l.cfg.Warn(text)
	}
}

// remember keeps how far a file was read, for those that come after it.
func (l *Follow) remember(f *followed) {
	if f.known < 0 || !f.resumed {
		return
	}
	p := &l.content.register.files[f.known].progress
	p.Frontier, p.Line, p.Mark = f.at.Position, f.at.Line, f.at.Mark
	p.High = max(p.High, p.Frontier)
}
