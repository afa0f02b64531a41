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
	path     bool
	length   int   // of the start they share
	frontier int64 // how far the earlier run got
}

// settle gives each file at most one known file and each known file to at most
// one, the surest claims first: longest start in common, same inode, same path,
// furthest read; then in the order of the files. The content comes before the
// inode because file systems give the inode of a removed file to the next. It
// returns the index into the register for each of n files, -1 for a new one.
func settle(n int, claims []claim) []int {
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
