package ingest

import (
	"cmp"
	"path/filepath"
	"slices"
)

// inOrder has files of one log read one after another: those that were rotated
// away by when they were last written to, and then the one that has the name.
func (l *Follow) inOrder(files []*followed) {
	if len(files) == 0 {
		return
	}
	names, parts := l.names(), map[string][]*followed{}
	for _, f := range files {
		if !f.retired {
			log := l.partOf(f, names)
			parts[log] = append(parts[log], f)
		}
	}
	for log, parts := range parts {
		slices.SortStableFunc(parts, func(a, b *followed) int {
			return cmp.Or(
				compareBool(filepath.Clean(a.path) == log, filepath.Clean(b.path) == log),
				a.info.ModTime().Compare(b.info.ModTime()),
			)
		})
		if first, last := parts[0], parts[len(parts)-1]; first.after == nil && filepath.Clean(last.path) == log {
			first.after = l.lastOf(log, names, parts)
		}
		chain(parts)
	}
}

// lastOf returns the file of a log that those wait for which come now: the last
// of those that have lines left, nil for none.
func (l *Follow) lastOf(log string, names map[string]bool, now []*followed) (last *followed) {
	for _, f := range l.files {
		pending := !f.retired && (!f.drained || f.busy || f.after != nil) && !slices.Contains(now, f)
		if pending && l.partOf(f, names) == log && (last == nil || f.waitsFor(last) || !last.waitsFor(f) && f.info.ModTime().After(last.info.ModTime())) {
			last = f
		}
	}
	return last
}

// partOf returns the log that a file is a part of; the rest of one that was
// followed is of the log that that was.
func (l *Follow) partOf(f *followed, names map[string]bool) string {
	name := f.path
	if f.rest && f.known >= 0 {
		name = l.content.register.files[f.known].progress.Name
	}
	return logOf(filepath.Clean(name), names)
}

// chain has each of the files wait for the one before it, and the first for what
// any of them had to wait for.
func chain(parts []*followed) {
	var before *followed
	for _, f := range parts {
		if f.after != nil && !slices.Contains(parts, f.after) {
			before = f.after
		}
	}
	if before != nil && slices.ContainsFunc(parts, before.waitsFor) {
		before = nil // nobody waits for himself
	}
	for _, f := range parts {
		f.after = before
		before = f
	}
}

// logOf returns the name of the log that a file is a part of: the shortest of
// those that are followed, or there, from which rotating may have made its name.
func logOf(path string, names map[string]bool) string {
	log := path
	for _, name := range logs(path) {
		if names[name] && len(name) < len(log) && related(name, path) {
			log = name
		}
	}
	return log
}

// names are those that are followed and those of the files that are there.
func (l *Follow) names() map[string]bool {
	names := make(map[string]bool, len(l.files))
	for _, w := range l.watches {
		if !w.pattern {
			names[filepath.Clean(w.name)] = true
		}
	}
	for _, f := range l.files {
		names[filepath.Clean(f.path)] = true
	}
	return names
}
