package ingest

import (
	"os"
	"strings"
	"testing"
)

func TestNewFilesOfAPatternAreFollowed(t *testing.T) {
	inBubble(t, func(w *following) {
		w.follow("*.log", "late.txt")
		w.warned("*.log: there is no such file yet", "late.txt: there is no such file yet")
		w.write("a.log", "a\n")
		w.look()
		w.got("a")
		w.write("b.log", "b\n")
		w.write("c.txt", "no\n")
		w.write("late.txt", "late\n")
		w.look()
		w.mu.Lock()
		if len(w.lines) != 2 {
			t.Errorf("came in: %q", w.lines)
		}
		w.lines = nil
		w.mu.Unlock()
		w.grow("a.log", "aa\n")
		w.look()
		w.got("aa")
		w.end()
	})
}

func TestNamesThatCannotBeFollowed(t *testing.T) {
	w := newWorld(t)
	w.write("a.log", "")
	for name, want := range map[string]string{
		"":           "it is a directory, expected a file or a pattern",
		"no/app.log": "the directory must exist",
		"[x":         "a [ needs its ]",
	} {
		_, err := OpenFollow([]string{w.path(name), w.path("a.log")}, nil, false, Config{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	if _, err := OpenFollow([]string{os.DevNull}, nil, false, Config{}); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a device: %v", err)
	}
	_, err := OpenFollow([]string{w.path("no/a"), w.path("no/b")}, nil, false, Config{})
	if err == nil || strings.Count(err.Error(), "must exist") != 2 {
		t.Errorf("not all mistakes: %v", err)
	}
}

func TestWhatRotationLeavesBeside(t *testing.T) {
	for _, c := range []struct {
		name, rotated string
		want          bool
	}{
		{"d/app.log", "d/app.log.1", true},
		{"d/app.log", "d/app.log.1.gz", true},
		{"d/app.log", "d/app.log-20260102", true},
		{"d/app.log", "d/app-20260102.log", true},
		{"d/app.log", "d/app.1.log.zst", true},
		{"d/app.log", "d/app.log.gz", true},
		{"d/app.log", "d/app.log", false},
		{"d/app.log", "e/app.log.1", false},
		{"d/app.log", "d/application.log", false},
		{"d/app.log", "d/app.txt", false},
		{"d/app", "d/app.1", true},
		{"d/.log", "d/x.log", false},
	} {
		if got := related(c.name, c.rotated); got != c.want {
			t.Errorf("%s and %s: %v", c.name, c.rotated, got)
		}
	}
}
