package ingest

import (
	"cmp"
	"slices"
)

// inOrder has files of one log read one after another: those that were rotated
// away by when they were last written to, and then the one that has the name.
func (l *Follow) inOrder(files []*followed) {
	logs := map[string][]*followed{}
	for _, f := range files {
		if !f.retired {
			log := l.logOf(f.path)
			logs[log] = append(logs[log], f)
		}
	}
	for log, parts := range logs {
		slices.SortStableFunc(parts, func(a, b *followed) int {
			return cmp.Or(
				compareBool(a.path == log, b.path == log),
				a.info.ModTime().Compare(b.info.ModTime()),
			)
		})
		chain(parts)
	}
}

// chain has each of the files wait for the one before it, and the first for what
// any of them had to wait for.
func chain(parts []*followed) {
	var before *followed
	for _, f := range parts {
		if f.after != nil {
			before = f.after
		}
	}
	for _, f := range parts {
		f.after = before
		before = f
	}
}

// logOf returns the name of the log that a file is a part of: the one that is
// followed, or there, from which rotating may have made its name.
func (l *Follow) logOf(path string) string {
	log := path
	consider := func(name string) {
		if len(name) < len(log) && related(name, path) {
			log = name
		}
	}
	for _, w := range l.watches {
		if !w.pattern {
			consider(w.name)
		}
	}
	for _, f := range l.files {
		consider(f.path)
	}
	return log
}
