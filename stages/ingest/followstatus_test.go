package ingest

import (
	"fmt"
	"testing"
)

func TestTheStatusSaysHowFarEachFileIs(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("end.log", "a\n")
		w.write("half.log", "a\nhalf a line")
		w.write("packed.log.gz", string(gzipped(w.t, "a\n"))[:10])
		w.write("old.log", "old\n")
		w.follow("*.log", "*.gz")
		w.copyTo("old.log", "old-copy.log")
		w.rename("old.log", "moved")
		w.write("old.log", "new\n")
		w.look()
		w.rename("old.log", "new.log")
		w.look()
		got := map[string]string{}
		s := w.l.Status()
		for _, f := range s.List {
			got[f.Path[len(w.dir)+1:]] = fmt.Sprintf("%s, %d of %d, lag %d", f.State, f.Position, f.Size, f.Lag)
		}
		for path, want := range map[string]string{
			"end.log":       "at end, 2 of 2, lag 0",
			"half.log":      "at end, 2 of 13, lag 11",
			"new.log":       "at end, 4 of 4, lag 0",
			"packed.log.gz": "waiting, 0 of 10, lag 10",
			"old.log":       "closing, 4 of 4, lag 0", // the new one goes by new.log
			"old-copy.log":  "copy, 0 of 4, lag 0",
		} {
			if got[path] != want {
				w.t.Errorf("%s: %s; want %s", path, got[path], want)
			}
		}
		if s.Files != 6 || s.Lag != 21 || s.List[0].Path != w.path("half.log") {
			w.t.Errorf("%d files with a lag of %d, the first %s", s.Files, s.Lag, s.List[0].Path)
		}
		w.end()
	})
}

func TestTheStatusNamesThoseThatAreFurthestBehind(t *testing.T) {
	l := &Follow{}
	if s := l.Status(); s.Files != 0 || s.List != nil {
		t.Errorf("before the first look: %+v", s)
	}
	w := newWorld(t)
	for i := range 2 * FollowedShown {
		w.write(fmt.Sprintf("%03d.log", i), fmt.Sprintf("%0*d", i, 0))
	}
	l, err := OpenFollow([]string{w.path("*.log")}, nil, false, w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	l.list()
	l.publish()
	s := l.Status()
	if s.Files != 2*FollowedShown || len(s.List) != FollowedShown || s.List[0].Path != w.path("199.log") || s.List[0].Lag != 199 {
		t.Errorf("%d files, %d named, the first %+v", s.Files, len(s.List), s.List[0])
	}
}
