package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// watch is a name or a pattern of names.
type watch struct {
	name    string
	pattern bool
}

// CheckFollow says what is wrong with names that are to be followed, all of it.
func CheckFollow(names []string) error {
	var errs []error
	for _, name := range names {
		_, err := newWatch(name)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// FilesNow returns the files that a name or pattern stands for now, sorted by
// name. It opens none to read, and changes nothing.
func FilesNow(name string) ([]string, error) {
	w, err := newWatch(name)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, at := range w.list() {
		paths = append(paths, at.path)
	}
	slices.Sort(paths)
	return paths, nil
}

// newWatch checks a name. One that is a file is no pattern, whatever it looks
// like.
func newWatch(name string) (watch, error) {
	if strings.TrimSpace(name) == "" {
		return watch{}, fmt.Errorf("follow %q: the name is empty; expected a file or a pattern such as /var/log/app/*.ndjson", name)
	}
	info, err := os.Stat(name)
	switch {
	case err == nil && info.IsDir():
		return watch{}, fmt.Errorf("follow %s: it is a directory, expected a file or a pattern: for the files in it, '%s/*.ndjson' in quotes", name, strings.TrimSuffix(name, "/"))
	case err == nil && !info.Mode().IsRegular():
		return watch{}, fmt.Errorf("follow %s: it is no regular file; feed it through stdin, which is read for as long as it lasts: < %s", name, name)
	case err == nil:
		return watch{name: name}, readable(name)
	case !errors.Is(err, os.ErrNotExist):
		return watch{}, explainOpen(name, err)
	}
	w := watch{name: name, pattern: IsPattern(name)}
	if _, err := filepath.Match(name, ""); w.pattern && err != nil {
		return watch{}, fmt.Errorf("follow %s: it is no pattern that can be matched (%w): a [ needs its ]", name, err)
	}
	if dir := filepath.Dir(name); !IsPattern(dir) {
		if _, err := os.Stat(dir); err != nil {
			return watch{}, fmt.Errorf("follow %s: the directory must exist: %w; make it with mkdir -p", name, err)
		}
	}
	return w, nil
}

func readable(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return explainOpen(name, err)
	}
	return file.Close()
}

// IsPattern says whether a name has one of the signs of filepath.Match.
func IsPattern(name string) bool { return strings.ContainsAny(name, `*?[`) }

// place is where a file was found.
type place struct {
	path string
	info fs.FileInfo
}

// list returns the files that are there, oldest change first, so that those that
// were rotated away come before those that took their place. What is no file and
// has the very name is among them.
func (w watch) list() []place {
	paths := []string{w.name}
	if w.pattern {
		paths, _ = filepath.Glob(w.name) // the pattern was checked
	}
	places := make([]place, 0, len(paths))
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && (info.Mode().IsRegular() || !w.pattern) {
			places = append(places, place{path, info})
		}
	}
	sortByChange(places)
	return places
}

func sortByChange(places []place) {
	slices.SortStableFunc(places, func(a, b place) int { return a.info.ModTime().Compare(b.info.ModTime()) })
}

// matches says whether a path is one that the watch stands for.
func (w watch) matches(path string) bool {
	if !w.pattern {
		return filepath.Clean(w.name) == filepath.Clean(path)
	}
	ok, _ := filepath.Match(w.name, path) // the pattern was checked
	return ok
}
