package ingest

import (
	"testing"
	"time"

	"sluice/pipeline"
)

// A writer goes on in the old file until it opens the new one. What it has left
// there comes in first, also when the old file had nothing more a moment before.
func TestWhatIsLeftInTheOldFileComesBeforeTheNewOne(t *testing.T) {
	w := newWorld(t)
	w.write("app.log", "a\n")
	l, err := OpenFollow([]string{w.path("app.log")}, nil, false, w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer l.end(func() {})
	look := func(f *followed) *pass {
		p := l.look(f)
		for ; p != nil; p = l.look(f) {
			l.passes++
			p.run(t.Context(), func(start pipeline.Progress) (intake, error) { return &recorder{start: start}, nil })
			if l.finish(p); p.kind == passLines {
				return p
			}
		}
		return nil
	}
	l.list()
	before := l.files[0]
	look(before)
	w.rename("app.log", "app.log.1")
	w.write("app.log", "")
	l.list()
	next := l.files[1]
	if look(before) != nil || !before.drained {
		t.Fatal("the old file has nothing more, and is not drained")
	}
	w.grow("app.log.1", "b\n")
	w.grow("app.log", "c\n")
	if look(next) != nil {
		t.Error("the new file is read before the rest of the old one")
	}
	if look(before) == nil {
		t.Error("the rest of the old file is not read")
	}
	if look(before); look(next) == nil {
		t.Error("the new file is not read when the old one is")
	}
}

func TestFilesOfALogWaitForThoseThatAreCompressed(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log.2.gz", string(gzipped(w.t, "a\n")))
		w.write("app.log.1", "b\n")
		w.write("app.log", "c\n")
		w.write("other.log", "d\n")
		w.date("app.log.2.gz", "app.log.1", "app.log", "other.log")
		w.follow("*.log*")
		w.got("d")
		w.wait(2 * settleAfter)
		w.got("a", "b", "c")
		w.grow("app.log", "e\n")
		w.look()
		w.got("e")
		w.end()
	})
}

func TestWhichLogAFileIsAPartOf(t *testing.T) {
	names := map[string]bool{"d/app.log": true, "d/app.log.1": true, "d/app-web.log": true, "e/x": true}
	for path, want := range map[string]string{
		"d/app.log":            "d/app.log",
		"d/app.log.1":          "d/app.log",
		"d/app.log.2.gz":       "d/app.log",
		"d/app-20260102.log":   "d/app.log",
		"d/app-web.log":        "d/app.log", // and so it waits at the start, once
		"d/app-web.log.1":      "d/app-web.log",
		"d/other.log":          "d/other.log",
		"e/app.log.1":          "e/app.log.1",
		"e/x.gz":               "e/x",
		"d/.hidden":            "d/.hidden",
		"d/application.log.gz": "d/application.log.gz",
	} {
		if got := logOf(path, names); got != want {
			t.Errorf("%s is a part of %s, want %s", path, got, want)
		}
	}
}

func TestALogWhoseFirstLinesAreAlwaysTheSame(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "tick\n")
		w.follow("app.log*")
		w.grow("app.log", "tick\ntick\n")
		w.look()
		w.got("tick", "tick", "tick")
		w.rename("app.log", "app.log.1")
		w.write("app.log", "tick\n")
		w.look()
		w.got("tick")
		w.again()
		w.wait(time.Minute)
		w.got()
		w.end()
	})
}

// While the rest of a log waits, the log itself is not there, and then comes.
func TestALogThatComesWhileItsRestWaits(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.end()
		w.got("a")
		w.write("app.log.1.gz", string(gzipped(w.t, "a\nb\n")))
		w.remove("app.log")
		w.follow("app.log")
		w.write("app.log", "c\n")
		w.look()
		w.got()
		w.wait(2 * settleAfter)
		w.got("b", "c")
		w.end()
	})
}
