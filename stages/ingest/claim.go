package ingest

import (
	"cmp"
	"slices"
)

// claim says that a file looks like one that an earlier run has seen.
type claim struct {
	file     int // index of the file
	known    int // index into the register
	inode    bool
	path     bool  // the same, compression aside
	length   int   // of the start they share
	frontier int64 // how far the earlier run got
}

// sure says whether the claim may stand. The start of a short file can well be
// that of another one ("started" is how many logs begin): then the inode or the
// path must speak for it, too, because taking a file for another loses records,
// and reading one again only repeats them.
func (c claim) sure() bool { return c.length == headSize || c.inode || c.path }

// assign gives each file at most one known file and each known file to at most
// one, the surest claims first: longest start in common, same inode, same path,
// furthest read; then in the order of the files. The content comes before the
// inode because file systems give the inode of a removed file to the next. It
// returns the index into the register for each of n files, -1 for a new one.
func assign(n int, claims []claim) []int {
	slices.SortStableFunc(claims, func(a, b claim) int {
		return cmp.Or(
			cmp.Compare(b.length, a.length),
			compareBool(b.inode, a.inode),
			compareBool(b.path, a.path),
			cmp.Compare(b.frontier, a.frontier),
			cmp.Compare(a.file, b.file),
			cmp.Compare(a.known, b.known),
		)
	})
	owner := slices.Repeat([]int{-1}, n)
	taken := map[int]bool{}
	for _, c := range claims {
		if owner[c.file] < 0 && !taken[c.known] {
			owner[c.file] = c.known
			taken[c.known] = true
		}
	}
	return owner
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
