package ingest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

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

// logs returns the names from which rotating may have made a path.
func logs(path string) []string {
	dir, other := filepath.Dir(path), plainName(filepath.Base(path))
	ext := filepath.Ext(other)
	names := []string{other}
	for i := range other {
		if strings.ContainsRune(".-_", rune(other[i])) {
			names = append(names, other[:i], other[:i]+ext)
		}
	}
	for i, name := range names {
		names[i] = filepath.Join(dir, name)
	}
	return names
}

// foldersOf returns the folder of a path, and that of what it is a link to.
func foldersOf(path string) []string {
	folders := []string{filepath.Dir(path)}
	real, _ := filepath.EvalSymlinks(folders[0]) // that it is not there is found below
	if target, err := filepath.EvalSymlinks(path); err == nil && filepath.Dir(target) != real {
		folders = append(folders, filepath.Dir(target))
	}
	return folders
}

// filesIn returns the files in a folder, oldest change first; none where it
// cannot be read.
func filesIn(folder string) []place {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	var found []place
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			found = append(found, place{filepath.Join(folder, e.Name()), info})
		}
	}
	sortByChange(found)
	return found
}

// rotatedOf returns the files beside a path that may have been it, oldest change
// first.
func rotatedOf(path string) []place {
	return slices.DeleteFunc(filesIn(filepath.Dir(path)), func(at place) bool { return !related(filepath.Clean(path), at.path) })
}
