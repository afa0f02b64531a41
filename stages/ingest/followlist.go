package ingest

import "os"

// list finds the files that are there now.
func (l *Follow) list() {
	byInode, byPath := map[uint64][]*followed{}, map[string]*followed{}
	for _, f := range l.files {
		byInode[inodeOf(f.info)] = append(byInode[inodeOf(f.info)], f)
		byPath[f.path] = f
	}
	var fresh []*followed
	for _, w := range l.watches {
		if w.pattern && l.looks%listEvery != 0 {
			continue
		}
		for _, path := range w.list() {
			if f := see(path, byInode, byPath); f != nil {
				byInode[inodeOf(f.info)] = append(byInode[inodeOf(f.info)], f)
				fresh = append(fresh, f)
			}
		}
	}
	if l.looks == 0 {
		l.files = fresh
		fresh = append(l.leftOver(), fresh...)
		l.claimAtStart(fresh)
		l.files = nil
	}
	l.files = append(l.files, fresh...)
	l.inOrder(fresh)
}

// see notes what is at a path; it returns a file that was not known. byPath has
// where each file was when it was last seen.
func see(path string, byInode map[uint64][]*followed, byPath map[string]*followed) *followed {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	for _, f := range byInode[inodeOf(info)] {
		if os.SameFile(f.info, info) {
			f.path, f.moved = path, false
			return nil
		}
	}
	f := newFollowed(path, info)
	if before := byPath[path]; before != nil {
		before.moved, before.drained = before.path == path, false
		f.after = before
	}
	return f
}

// leftOver returns the files beside those that are followed which may have been
// rotated away while nobody looked.
func (l *Follow) leftOver() (rest []*followed) {
	if l.fromStart || len(l.content.register.files) == 0 {
		return nil
	}
	var names []string
	for _, w := range l.watches {
		if !w.pattern {
			names = append(names, w.name)
		}
	}
	for i := range l.content.register.files {
		names = append(names, l.content.register.files[i].progress.Name)
	}
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] || !l.watched(name) {
			continue
		}
		seen[name] = true
		for _, path := range rotatedOf(name) {
			if f := l.beside(path); f != nil && !seen[path] && !l.watched(path) {
				seen[path], f.rest = true, true
				rest = append(rest, f)
			}
		}
	}
	return rest
}

// watched says whether a path is one of those that are followed.
func (l *Follow) watched(path string) bool {
	for _, w := range l.watches {
		if w.matches(path) {
			return true
		}
	}
	return false
}

// beside returns the file at a path, nil when it is there as another one.
func (l *Follow) beside(path string) *followed {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	for _, f := range l.files {
		if os.SameFile(f.info, info) {
			return nil
		}
	}
	return newFollowed(path, info)
}

// claimAtStart gives the files that are there at the start what earlier runs
// have stored, the surest claims first. Only what is claimed stays of the files
// that were not asked for, and what took their place comes after them.
func (l *Follow) claimAtStart(files []*followed) {
	var claims []claim
	for i, f := range files {
		if f.open() != nil {
			continue // the first look tells
		}
		head, form, err := readHead(f.file)
		if err != nil || len(head) == 0 {
			continue
		}
		f.form = form
		found, _ := l.claims(f, i, head)
		claims = append(claims, found...)
	}
	for i, known := range assign(len(files), claims) {
		switch f := files[i]; {
		case known >= 0:
			l.own(f, known)
			if p := &l.content.register.files[known].progress; l.fromStart {
				*p = fromItsStart(*p)
			}
		case f.rest:
			f.retired = true
		}
	}
	for _, f := range files {
		if f.rest && f.retired && l.missed(f, files) {
			f.retired, f.rest, f.moved, f.missed = false, false, true, true
		}
	}
}

// missed says whether a file beside those that are followed had the name of one
// of them while nobody looked: it was rotated away after one that is known to
// have had it.
func (l *Follow) missed(f *followed, files []*followed) bool {
	for _, known := range files {
		if !known.rest || known.known < 0 || f.info.ModTime().Before(known.info.ModTime()) {
			continue
		}
		for _, w := range l.watches {
			if !w.pattern && numbered(w.name, f.path) && numbered(w.name, known.path) {
				return true
			}
		}
	}
	return false
}
