package ingest

import (
	"errors"
	"os"
	"testing"
	"time"
)

func TestARotatedFileIsReadToItsEndBeforeTheNextOne(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.grow("app.log", "b\n")
		w.rename("app.log", "app.log.1")
		w.grow("app.log.1", "c\n")
		w.write("app.log", "d\n")
		w.look()
		w.got("a", "b", "c", "d")
		w.grow("app.log.1", "late\n") // by a writer that has not let go of it
		w.grow("app.log", "e\n")
		w.look()
		w.mu.Lock()
		if len(w.lines) != 2 {
			t.Errorf("came in: %q", w.lines)
		}
		w.lines = nil
		w.mu.Unlock()
		w.again()
		w.got()
		w.end()
		w.warned()
	})
}

func TestARenamedFileIsFollowedUntilThereIsANewOne(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.rename("app.log", "app.log.1")
		w.wait(time.Hour)
		w.grow("app.log.1", "b\n")
		w.look()
		w.got("a", "b")
		w.write("app.log", "c\n")
		w.look()
		w.got("c")
		w.end()
	})
}

func TestTheLastLineOfARotatedFileIsTakenInTheEnd(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\nb")
		w.follow("app.log")
		w.rename("app.log", "app.log.1")
		w.write("app.log", "c\n")
		w.look()
		w.got("a", "c")
		w.wait(retireAfter)
		w.got("b")
		w.again()
		w.got()
		w.end()
	})
}

func TestARemovedFileIsReadToItsEnd(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.grow("app.log", "b\n")
		w.remove("app.log")
		w.look()
		w.got("a", "b")
		w.wait(2 * retireAfter)
		w.write("app.log", "c\n")
		w.look()
		w.got("c")
		w.end()
	})
}

func TestRotationWhileNobodyLooked(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.end()
		w.got("a")
		w.grow("app.log", "b\n")
		w.rename("app.log", "app.log.1")
		w.write("app.log", "c\n")
		w.write("app.log.2", "before it was followed\n")
		if err := os.Chtimes(w.path("app.log.2"), time.Time{}, time.Now()); err != nil { // the bubble's, long ago
			t.Fatal(err)
		}
		w.write("other.log", "a\n")
		w.follow("app.log")
		w.look()
		w.got("b", "c")
		w.again()
		w.got()
		w.end()
	})
}

func TestSeveralRotationsWhileNobodyLooked(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.end()
		w.got("a")
		w.grow("app.log", "b\n")
		w.rename("app.log", "app.log.3")
		w.write("app.log.2", "c\n")
		w.write("app.log.1.gz", string(gzipped(w.t, "d\n")))
		w.write("app.log", "e\n")
		w.write("app.log.old", "not asked for\n")
		w.write("app.log.4", "before all\n")
		for i, name := range []string{"app.log.4", "app.log.3", "app.log.2", "app.log.1.gz", "app.log"} {
			at := time.Now().Add(time.Duration(i) * time.Minute)
			if err := os.Chtimes(w.path(name), at, at); err != nil {
				t.Fatal(err)
			}
		}
		w.follow("app.log")
		w.wait(10 * time.Minute)
		w.got("b", "c", "d", "e")
		w.again()
		w.wait(10 * time.Minute)
		w.got()
		w.end()
	})
}

// Two rotations between two looks at a pattern: the file between is read in its
// place.
func TestTwoRotationsAtOnce(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log*")
		w.grow("app.log", "b\n")
		w.rename("app.log", "app.log.2")
		w.write("app.log.1", "c\n")
		w.write("app.log", "d\n")
		w.look()
		w.got("a", "b", "c", "d")
		w.end()
	})
}

func TestARotatedFileThatThePatternMatchesIsNotReadAgain(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log*")
		w.rename("app.log", "app.log.1")
		w.write("app.log", "b\n")
		w.look()
		w.got("a", "b")
		w.rename("app.log.1", "app.log.2")
		w.rename("app.log", "app.log.1")
		w.write("app.log", "c\n")
		w.grow("app.log.1", "bb\n")
		w.look()
		w.got("bb", "c")
		w.again()
		w.got()
		w.write("app.log.2.gz", string(gzipped(w.t, "a\n"))) // as logrotate compresses
		w.remove("app.log.2")
		w.wait(2 * retireAfter)
		w.got()
		w.again()
		w.wait(2 * settleAfter)
		w.got()
		w.end()
	})
}

// A rotated file that the pattern finds stays followed; its last line is taken
// all the same, once nobody finishes it.
func TestTheLastLineOfARotatedFileThatStaysFollowedIsTakenInTheEnd(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\nb")
		w.follow("app.log*")
		w.rename("app.log", "app.log.1")
		w.write("app.log", "c\nd")
		w.look()
		w.got("a", "c")
		w.wait(retireAfter)
		w.got("b")
		w.wait(time.Hour)
		w.got()
		w.end()
	})
}

// The link is what rotates: it is turned to the next file.
func TestALinkThatIsTurnedToAnotherFile(t *testing.T) {
	inBubble(t, func(w *following) {
		link := func(to string) {
			w.t.Helper()
			if err := errors.Join(os.Symlink(to, w.path("new")), os.Rename(w.path("new"), w.path("current.log"))); err != nil {
				w.t.Fatal(err)
			}
		}
		if err := os.Mkdir(w.path("days"), 0o700); err != nil {
			w.t.Fatal(err)
		}
		w.write("days/1", "a\n")
		link("days/1")
		w.follow("current.log")
		w.got("a")
		w.grow("days/1", "b\n")
		w.write("days/2", "c\n")
		link("days/2")
		w.look()
		w.got("b", "c")
		w.end()
		w.grow("days/2", "d\n")
		w.write("days/3", "e\n")
		link("days/3")
		w.follow("current.log")
		w.look()
		w.got("d", "e")
		w.end()
		w.warned()
	})
}

func TestAFileThatWasRotatedToAnyNameWhileNobodyLooked(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.end()
		w.got("a")
		w.grow("app.log", "b\n")
		w.rename("app.log", "archived on sunday")
		w.write("app.log", "c\n")
		w.follow("app.log")
		w.look()
		w.got("b", "c")
		w.end()
	})
}

func TestAFolderThatGoesAndComes(t *testing.T) {
	inBubble(t, func(w *following) {
		made := func(line string) {
			if err := os.Mkdir(w.path("d"), 0o700); err != nil {
				w.t.Fatal(err)
			}
			w.write("d/app.log", line)
		}
		made("a\n")
		w.follow("d/*.log", "d/app.log")
		w.grow("d/app.log", "b\n")
		if err := os.RemoveAll(w.path("d")); err != nil {
			w.t.Fatal(err)
		}
		w.wait(time.Minute)
		w.got("a", "b")
		made("c\n")
		w.look()
		w.got("c")
		w.end()
		w.warned()
	})
}

// A pattern's files that are moved elsewhere do not stay open for ever.
func TestAFileThatWasMovedAwayIsClosed(t *testing.T) {
	inBubble(t, func(w *following) {
		if err := os.Mkdir(w.path("archive"), 0o700); err != nil {
			w.t.Fatal(err)
		}
		w.write("1.log", "a\n")
		w.write("2.log", "b\n")
		w.follow("*.log")
		w.rename("1.log", "archive/1.log")
		w.grow("archive/1.log", "c\n")
		w.look()
		w.gotUnordered("a", "b", "c")
		w.wait(abandonAfter - time.Minute)
		w.grow("archive/1.log", "d\n")
		w.look()
		w.got("d")
		w.wait(abandonAfter + time.Minute)
		w.end()
		if len(w.l.files) != 1 || w.l.files[0].path != w.path("2.log") {
			w.t.Errorf("%d files are followed", len(w.l.files))
		}
	})
}

// As when the machine slept: what had the name between two looks is found.
func TestSeveralRotationsBetweenTwoLooks(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.write("app.log.9", "before it was followed\n")
		w.date("app.log.9", "app.log")
		w.follow("app.log")
		w.got("a")
		w.grow("app.log", "b\n")
		w.rename("app.log", "app.log.3")
		w.write("app.log.2", "c\n")
		w.write("app.log.1", "d\n")
		w.write("app.log.old", "not asked for\n")
		w.write("app.log", "e\n")
		w.date("app.log.9", "app.log.3", "app.log.2", "app.log.1", "app.log.old", "app.log")
		w.look()
		w.got("b", "c", "d", "e")
		w.again()
		w.got()
		w.end()
	})
}
