package ingest

import (
	"cmp"
	"slices"
)

// FollowedShown is how many files a FollowStatus names at most.
const FollowedShown = 100

// FollowState is what becomes of a followed file at the moment.
type FollowState string

// The states of followed files.
const (
	FollowReading  FollowState = "reading"    // lines are on their way out of it
	FollowAtEnd    FollowState = "at end"     // every whole line was read
	FollowWaiting  FollowState = "waiting"    // for the file before it, or until it is whole
	FollowCopy     FollowState = "copy"       // is one of a file that is followed, and left alone
	FollowClosing  FollowState = "closing"    // was rotated away and read to its end
	FollowTroubled FollowState = "unreadable" // is tried again
)

// FollowedFile is one followed file. Position counts decompressed bytes; Lag is
// how many bytes of the file have not been read.
type FollowedFile struct {
	Path                string
	State               FollowState
	Position, Size, Lag int64
}

// FollowStatus is how far the files are. List names the FollowedShown that are
// furthest behind, those first.
type FollowStatus struct {
	Files int
	Lag   int64 // bytes, over all files
	List  []FollowedFile
}

// Status returns how far the files were at the last look, at most a second ago.
// For any goroutine; it waits for nobody.
func (l *Follow) Status() FollowStatus {
	if s := l.status.Load(); s != nil {
		return *s
	}
	return FollowStatus{}
}

// publish makes what Status returns.
func (l *Follow) publish() {
	s := &FollowStatus{Files: len(l.files)}
	list := make([]FollowedFile, 0, len(l.files))
	for _, f := range l.files {
		shown := f.status()
		s.Lag += shown.Lag
		list = append(list, shown)
	}
	slices.SortFunc(list, func(a, b FollowedFile) int {
		return cmp.Or(cmp.Compare(b.Lag, a.Lag), cmp.Compare(a.Path, b.Path))
	})
	s.List = slices.Clone(list[:min(len(list), FollowedShown)])
	l.status.Store(s)
}

func (f *followed) status() FollowedFile {
	s := FollowedFile{Path: f.path, Position: f.at.Position, Size: f.info.Size()}
	switch {
	case f.held != nil && f.known < 0:
	case f.form == formatPlain:
		s.Lag = max(0, s.Size-s.Position)
	case !f.whole:
		s.Lag = s.Size
	}
	switch {
	case f.busy:
		s.State = FollowReading
	case f.troubled:
		s.State = FollowTroubled
	case f.held != nil && f.known < 0:
		s.State = FollowCopy
	case f.after != nil, f.form != formatPlain && !f.whole:
		s.State = FollowWaiting
	case f.moved || f.rest:
		s.State = FollowClosing
	default:
		s.State = FollowAtEnd
	}
	return s
}
