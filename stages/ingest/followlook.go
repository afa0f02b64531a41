package ingest

import (
	"errors"
	"os"
)

// look finds out what is to be done about a file; it returns a pass when there
// is something to read.
func (l *Follow) look(f *followed) *pass {
	p, err := l.lookInto(f)
	if err != nil {
		f.drained = true // nobody can wait for it
	}
	f.troubled = err != nil || f.troubled && p == nil && !f.resumed
	switch {
	case errors.Is(err, os.ErrNotExist) && f.file == nil:
		f.retired = true // it came and went
		l.release(f)
	case err != nil:
		l.warnOnce(f.path, explainOpen(f.path, err).Error()+"; it is tried again")
	}
	return p
}

func (l *Follow) lookInto(f *followed) (*pass, error) {
	if err := f.open(); err != nil {
		return nil, err
	}
	if err := f.note(); err != nil {
		return nil, err
	}
	waits := f.waits()
	if f.known < 0 {
		if ready, err := l.identify(f); !ready {
			f.drained = f.form == formatPlain || f.held != nil || f.whole
			return nil, err
		}
	}
	switch {
	case f.form == formatPlain && !f.resumed:
		return l.newPass(f, passResume), nil
	case f.form == formatPlain:
		return l.lookAhead(f, waits)
	case waits:
		return nil, nil
	}
	return l.lookIntoCompressed(f), nil
}

// lookIntoCompressed has a compressed file read, once it is whole.
func (l *Follow) lookIntoCompressed(f *followed) *pass {
	if f.dirty {
		f.whole, f.dirty = false, false
	}
	switch {
	case !f.quiet(settleAfter):
		return nil
	case !f.whole:
		return l.newPass(f, passWhole)
	}
	f.drained = true
	if f.moved || f.rest {
		l.retire(f)
	}
	return nil
}

// lookAhead compares a plain file with its position. One that was written to and
// is no longer than that may have been cut and have grown again.
func (l *Follow) lookAhead(f *followed, waits bool) (*pass, error) {
	size := f.info.Size()
	if size == f.read() && !f.dirty {
		return l.idle(f, waits), nil
	}
	same := false
	if size >= f.at.Position {
		var err error
		if same, err = f.proves(l.content.register.files[f.known].identity); err != nil {
			return nil, err
		}
	}
	f.dirty = false
	if !same {
		l.cut(f)
		return nil, nil
	}
	f.scanned = min(f.scanned, size)
	if size > f.read() {
		f.drained = false
		if waits {
			return nil, nil
		}
		return l.newPass(f, passLines), nil
	}
	return l.idle(f, waits), nil
}

// idle is what comes of a file that has no whole line more.
func (l *Follow) idle(f *followed, waits bool) *pass {
	f.drained = true
	if waits {
		return nil
	}
	if f.rotated && f.quiet(retireAfter) && f.info.Size() > f.at.Position {
		return l.newPass(f, passEnd) // nobody will finish the line
	}
	gone := f.pattern && l.looks-f.listed > listEvery && f.quiet(abandonAfter)
	if f.quiet(retireAfter) && (f.moved || f.rest) || gone {
		l.retire(f)
	}
	return nil
}

// retire is done with a file.
func (l *Follow) retire(f *followed) {
	f.drained, f.retired = true, true
	l.release(f)
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
