package ingest

import (
	"os"
	"path/filepath"
	"slices"
)

// list finds the files that are there now.
func (l *Follow) list() {
	if !l.due() {
		return
	}
	byInode, byPath := make(map[uint64][]*followed, len(l.files)), make(map[string]*followed, len(l.files))
	for _, f := range l.files {
		byInode[inodeOf(f.info)] = append(byInode[inodeOf(f.info)], f)
		byPath[f.path] = f
	}
	var fresh []*followed
	for _, w := range l.watches {
		if w.pattern && l.looks%listEvery != 0 {
			continue
		}
		for _, at := range w.list() {
			if !at.info.Mode().IsRegular() {
				l.warnOnce(at.path, at.path+": it is no regular file any more; it is left alone")
				continue
			}
			f, known := see(at, byInode, byPath)
			f.listed, f.pattern = l.looks, w.pattern
			if !known {
				if f.after != nil && !w.pattern {
					fresh = append(fresh, l.between(at.path, f.after)...)
				}
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

// due says whether there is anything to list at this look.
func (l *Follow) due() bool {
	return l.looks%listEvery == 0 || slices.ContainsFunc(l.watches, func(w watch) bool { return !w.pattern })
}

// see returns the file that was found at a path, and whether it was known. byPath
// has where each was when it was last seen.
func see(at place, byInode map[uint64][]*followed, byPath map[string]*followed) (f *followed, known bool) {
	for _, f := range byInode[inodeOf(at.info)] {
		if os.SameFile(f.info, at.info) {
			f.path, f.moved = at.path, false
			return f, true
		}
	}
	f = newFollowed(at.path, at.info)
	if before := byPath[at.path]; before != nil {
		before.moved, before.rotated = before.path == at.path, true
		f.after = before
		if before.linked() {
			f.took = before
		}
	}
	return f, false
}

// leftOver returns the files beside those that are followed which may have been
// rotated away while nobody looked: by their name, or by their inode.
func (l *Follow) leftOver() (rest []*followed) {
	if l.fromStart || len(l.content.register.files) == 0 {
		return nil
	}
	names, folders := map[string]bool{}, map[string]bool{}
	for _, w := range l.watches {
		if !w.pattern {
			names[filepath.Clean(w.name)] = true
			for _, folder := range foldersOf(w.name) {
				folders[folder] = true
			}
		}
	}
	inodes := map[uint64]bool{}
	for i := range l.content.register.files {
		k := &l.content.register.files[i]
		if name := filepath.Clean(k.progress.Name); l.watched(name) {
			names[name], folders[filepath.Dir(name)] = true, true
			inodes[k.inode] = k.inode != 0
		}
	}
	for folder := range folders {
		for _, at := range filesIn(folder) {
			if l.watched(at.path) || !inodes[inodeOf(at.info)] && logOf(at.path, names) == at.path {
				continue
			}
			if f := l.beside(at); f != nil {
				f.rest = true
				rest = append(rest, f)
			}
		}
	}
	slices.SortStableFunc(rest, func(a, b *followed) int { return a.info.ModTime().Compare(b.info.ModTime()) })
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

// beside returns a file that was found beside others, nil when it is one of
// those that are followed.
func (l *Follow) beside(at place) *followed {
	for _, f := range l.files {
		if os.SameFile(f.info, at.info) {
			return nil
		}
	}
	return newFollowed(at.path, at.info)
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
			f.retired, f.rest, f.moved, f.rotated = false, false, true, true
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

// between returns the files that had a name between two that were seen to have
// it: those beside it that nobody knows, rotated away no earlier than before.
func (l *Follow) between(name string, before *followed) (missed []*followed) {
	for _, at := range rotatedOf(name) {
		if at.info.ModTime().Before(before.info.ModTime()) || !numbered(filepath.Clean(name), at.path) {
			continue
		}
		if f := l.beside(at); f != nil {
			f.moved, f.rotated = true, true
			missed = append(missed, f)
		}
	}
	return missed
}
