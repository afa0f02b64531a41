package ingest

import (
	"errors"
	"fmt"
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

// newWatch checks a name. One that is a file is no pattern, whatever it looks
// like.
func newWatch(name string) (watch, error) {
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

// list returns the paths that are there, oldest change first, so that files
// that were rotated away come before those that took their place.
func (w watch) list() []string {
	if !w.pattern {
		if _, err := os.Stat(w.name); err != nil {
			return nil
		}
		return []string{w.name}
	}
	paths, _ := filepath.Glob(w.name) // the pattern was checked
	if len(paths) > 1 {
		sortByChange(paths)
	}
	return paths
}

// matches says whether a path is one that the watch stands for.
func (w watch) matches(path string) bool {
	if !w.pattern {
		return filepath.Clean(w.name) == filepath.Clean(path)
	}
	ok, _ := filepath.Match(w.name, path) // the pattern was checked
	return ok
}

// sortByChange sorts paths by when they were last written to.
func sortByChange(paths []string) {
	times := make(map[string]int64, len(paths))
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			times[path] = info.ModTime().UnixNano()
		}
	}
	slices.SortStableFunc(paths, func(a, b string) int { return int(min(max(times[a]-times[b], -1), 1)) })
}

// related says whether a path is what rotating another one away may have left:
// app.log.1, app.log-20260102, app-20260102.log, app.1.log and the like, also
// compressed.
func related(path, rotated string) bool {
	_, ok := inserted(path, rotated)
	return ok
}

// numbered says whether what rotating has put into a path is a number or a time,
// and not a word.
func numbered(path, rotated string) bool {
	word, ok := inserted(path, rotated)
	return ok && strings.Trim(word, "0123456789.-_:TZ") == ""
}

// inserted returns what rotating has put into a path; compression left aside.
func inserted(path, rotated string) (word string, ok bool) {
	if filepath.Dir(path) != filepath.Dir(rotated) || path == rotated {
		return "", false
	}
	name, other := filepath.Base(path), plainName(filepath.Base(rotated))
	if name == other {
		return "", true
	}
	if word, ok = after(other, name); ok {
		return word, true
	}
	ext := filepath.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	if word, ok = after(other, stem); ok && stem != "" && len(word) > len(ext) {
		return strings.CutSuffix(word, ext)
	}
	return "", false
}

// after returns what a name has behind the start of it.
func after(name, start string) (string, bool) {
	rest, ok := strings.CutPrefix(name, start)
	return rest, ok && rest != "" && strings.ContainsRune(".-_", rune(rest[0]))
}

// rotatedOf returns the files beside a path that may have been it.
func rotatedOf(path string) []string {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil // nothing can be found
	}
	var found []string
	for _, e := range entries {
		beside := filepath.Join(filepath.Dir(path), e.Name())
		if e.Type().IsRegular() && related(filepath.Clean(path), beside) {
			found = append(found, beside)
		}
	}
	sortByChange(found)
	return found
}
