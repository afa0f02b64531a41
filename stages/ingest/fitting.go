package ingest

import (
	"cmp"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"
)

// claimsOf compares a file with those that are known: the start, and what
// stands before the position.
func (f *Files) claimsOf(e *entry, index int) ([]claim, error) {
	file, err := os.Open(e.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head, form, err := readHead(file)
	if err != nil {
		return nil, err
	}
	var claims []claim
	for _, known := range f.fitting(file, form, f.register.candidates(head)) {
		k := &f.register.files[known]
		c := claim{
			file: index, known: known, length: k.length, frontier: k.progress.Frontier,
			inode: k.inode != 0 && k.inode == inodeOf(e.info),
			path:  plainName(k.progress.Name) == plainName(e.path),
		}
		if c.sure() {
			claims = append(claims, c)
		}
	}
	return claims, nil
}

// plainName is a path without the ending that compressing gives it.
func plainName(path string) string {
	for _, ending := range []string{".gz", ".zst"} {
		if name, ok := strings.CutSuffix(path, ending); ok {
			return name
		}
	}
	return path
}

// fitting returns which of the known files the file may be. The last bytes
// before a position are looked at here. To prove everything before it takes
// reading all of that, which is done on the way there, and here only where there
// is a choice.
func (f *Files) fitting(file *os.File, form format, known []int) []int {
	var fit, whole []int
	for _, k := range known {
		p := f.register.files[k].progress
		if form != formatPlain || isWhole(p.Mark) {
			whole = append(whole, k)
		} else if _, err := verifyPlain(file, p); err == nil {
			fit = append(fit, k)
		}
	}
	if len(known) > 1 {
		whole = f.proven(file, whole)
	}
	return append(fit, whole...)
}

// proven returns those of the known files whose mark the file's content proves,
// reading it up to the furthest position. Where it is damaged or breaks off
// before a position, that one is left in: the error shows when it is read.
func (f *Files) proven(file *os.File, known []int) []int {
	position := func(k int) int64 { return f.register.files[k].progress.Frontier }
	slices.SortStableFunc(known, func(a, b int) int { return cmp.Compare(position(a), position(b)) })
	var count atomic.Int64
	src := guarded{newDecoder(io.NewSectionReader(file, 0, 1<<62), &count)}
	t := trail{whole: true}
	var at int64
	var fit []int
	for i, k := range known {
		n, err := io.CopyN(&t, src, position(k)-at)
		switch at += n; {
		case err == io.EOF:
			return fit
		case err != nil:
			return append(fit, known[i:]...)
		}
		if checkMark(&t, f.register.files[k].progress) == nil {
			fit = append(fit, k)
		}
	}
	return fit
}
