package ingest

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
)

func TestALineComesInAtTheNextLook(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\nb\n")
		w.follow("app.log")
		w.got("a", "b")
		w.grow("app.log", "c\n")
		w.wait(FollowInterval)
		w.got("c")
		w.wait(time.Hour)
		w.got()
		w.grow("app.log", "d\n")
		w.again()
		w.got("d")
		w.again()
		w.got()
		if err := w.end(); err != nil {
			t.Error(err)
		}
		w.warned()
	})
}

func TestALastLineWithoutItsEndWaits(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\nb")
		w.follow("app.log")
		w.got("a")
		w.wait(time.Hour)
		w.grow("app.log", "c")
		w.look()
		w.got()
		w.again()
		w.got()
		w.grow("app.log", "d\ne")
		w.look()
		w.got("bcd")
		w.end()
	})
}

func TestAFirstLineWithoutItsEndWaits(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "")
		w.follow("app.log")
		w.grow("app.log", "a")
		w.look()
		w.got()
		w.grow("app.log", "b\n")
		w.look()
		w.got("ab")
		w.end()
	})
}

func TestALongLineIsReadOnceItIsWhole(t *testing.T) {
	long := strings.Repeat("x", 3*passBytes/2)
	inBubble(t, func(w *following) {
		w.cfg.MaxRecordBytes = len(long) + 1
		w.write("app.log", long[:100])
		w.follow("app.log")
		for at := 100; at < len(long); at += len(long) / 4 {
			w.grow("app.log", long[at:min(len(long), at+len(long)/4)])
			w.look()
			w.got()
		}
		w.grow("app.log", "y\nz\n")
		w.look()
		w.got(long+"y", "z")
		w.end()
	})
}

func TestManyBytesAreReadInSeveralPasses(t *testing.T) {
	inBubble(t, func(w *following) {
		line := strings.Repeat("x", 1<<20-1)
		var want []string
		for range 40 {
			want = append(want, line)
		}
		w.write("app.log", strings.Join(want, "\n")+"\n")
		w.follow("app.log")
		w.got(want...)
		w.end()
	})
}

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

func TestCopyAndTruncate(t *testing.T) {
	for name, names := range map[string][]string{"by name": {"app.log"}, "by pattern": {"app.log*"}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(w *following) {
				w.write("app.log", "a\n")
				w.follow(names...)
				w.got("a")
				w.grow("app.log", "b\n") // nobody has seen it when it goes away
				w.copyTo("app.log", "app.log.1")
				w.truncate("app.log", 0)
				w.grow("app.log", "c\n")
				w.look()
				w.got("b", "c")
				w.grow("app.log", "d\n")
				w.look()
				w.got("d")
				w.again()
				w.look()
				w.got()
				w.end()
				w.warned()
			})
		})
	}
}

func TestCopyAndTruncateWhileNobodyLooked(t *testing.T) {
	for name, names := range map[string][]string{"by name": {"app.log"}, "by pattern": {"app.log*"}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(w *following) {
				w.write("app.log", "a\n")
				w.follow(names...)
				w.end()
				w.grow("app.log", "b\n")
				w.copyTo("app.log", "app.log.1")
				w.truncate("app.log", 0)
				w.grow("app.log", "c\nd\n")
				w.follow(names...)
				w.look()
				w.got("a", "b", "c", "d")
				w.end()
			})
		})
	}
}

func TestACopyIsLeftAloneUntilTheOriginalIsCut(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log*")
		w.grow("app.log", "b\n")
		w.look()
		w.got("a", "b")
		w.write("app.log.1", "a\n") // being copied
		w.look()
		w.grow("app.log", "c\n")
		w.write("app.log.1", "a\nb\n")
		w.look()
		w.got("c")
		w.wait(2 * settleAfter)
		w.got()
		w.warned("app.log.1: it begins as app.log does")
		w.truncate("app.log", 0)
		w.grow("app.log", "d\n")
		w.look()
		w.got("d")
		w.warned("app.log: it was cut, and is read from its start; it had been read up to byte 6")
		w.end()
	})
}

// A copy, a file that cannot be read and one without a whole line hold nobody up.
func TestNobodyWaitsForAFileThatGivesNothing(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log*")
		w.copyTo("app.log", "app.log.1")
		w.wait(2 * settleAfter)
		w.end()
		w.write("app.log.2", "half a line")
		w.write("app.log.3.gz", string(gzipped(w.t, "x\n")[:20]))
		if err := os.Symlink("nowhere", w.path("app.log.4")); err != nil {
			t.Fatal(err)
		}
		w.grow("app.log", "b\n")
		w.follow("app.log*")
		w.wait(2 * settleAfter)
		w.got("a", "b")
		w.end()
	})
}

func TestAFileThatIsNoCopyAnyMoreIsReadByItself(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "started\n")
		w.follow("app*.log")
		w.write("app.1.log", "started\n")
		w.wait(2 * settleAfter)
		w.got("started")
		w.grow("app.1.log", "one\n")
		w.grow("app.log", "two\n")
		w.wait(2 * settleAfter)
		w.mu.Lock()
		slices.Sort(w.lines) // the two have no order between them
		if got := strings.Join(w.lines, " "); got != "one started two" {
			t.Errorf("came in: %s", got)
		}
		w.mu.Unlock()
		w.end()
	})
}

func TestAFileThatWasWrittenAnewIsReadFromItsStart(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\nb\n")
		w.follow("app.log")
		w.got("a", "b")
		w.write("app.log", "c\nd\ne\n") // the same file, longer than before
		w.look()
		w.got("c", "d", "e")
		w.warned("app.log: it was cut")
		w.again()
		w.got()
		w.end()
	})
}

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

func TestACompressedFileIsReadOnceItIsWhole(t *testing.T) {
	inBubble(t, func(w *following) {
		w.follow("*.gz")
		whole := gzipped(w.t, "a\nb\n")
		w.write("x.gz", string(whole[:len(whole)-5]))
		w.wait(settleAfter - time.Second)
		w.write("x.gz", string(whole))
		w.wait(settleAfter / 2)
		w.got()
		w.wait(settleAfter)
		w.got("a", "b")
		w.wait(time.Hour)
		w.got()
		w.write("y.gz", string(gzipped(w.t, "c\n")[:20]))
		w.wait(2 * settleAfter)
		if err := w.end(); !errors.Is(err, pipeline.ErrSourceTruncated) || !strings.Contains(err.Error(), "y.gz") {
			t.Errorf("got %v", err)
		}
	})
}

func TestFollowFromTheStart(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.end()
		w.got("a")
		w.fromStart = true
		w.follow("app.log")
		w.got("a")
		w.end()
	})
}

func TestAFileThatCannotBeReadIsTriedAgain(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads every file: run the test as another user")
	}
	inBubble(t, func(w *following) {
		w.follow("*.log")
		w.write("a.log", "a\n")
		if err := os.Chmod(w.path("a.log"), 0); err != nil {
			t.Fatal(err)
		}
		w.write("b.log", "b\n")
		w.wait(time.Minute)
		w.got("b")
		w.warned("*.log: there is no such file yet", "make it readable for this user; it is tried again")
		if err := os.Chmod(w.path("a.log"), 0o600); err != nil {
			t.Fatal(err)
		}
		w.look()
		w.got("a")
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

// More files than are read at the same time all get their turn.
func TestManyFilesAreFollowed(t *testing.T) {
	inBubble(t, func(w *following) {
		for i := range 5 * maxPasses {
			w.write(fmt.Sprintf("%d.log", i), fmt.Sprintf("%d\n", i))
		}
		w.follow("*.log")
		w.look()
		w.mu.Lock()
		if len(w.lines) != 5*maxPasses {
			t.Errorf("%d lines came in", len(w.lines))
		}
		w.lines = nil
		w.mu.Unlock()
		for i := range 5 * maxPasses {
			w.grow(fmt.Sprintf("%d.log", i), "x\n")
		}
		w.look()
		w.mu.Lock()
		if len(w.lines) != 5*maxPasses {
			t.Errorf("%d lines came in", len(w.lines))
		}
		w.mu.Unlock()
		w.end()
	})
}
