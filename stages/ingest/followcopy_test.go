package ingest

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
)

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

// What is copied and compressed at once is found as well.
func TestCopyTruncateAndCompress(t *testing.T) {
	for name, names := range map[string][]string{"by name": {"app.log"}, "by pattern": {"app.log*"}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(w *following) {
				w.write("app.log", "a\n")
				w.follow(names...)
				w.got("a")
				w.grow("app.log", "b\n")
				w.copyTo("app.log", "app.log.1")
				w.truncate("app.log", 0)
				w.zip("app.log.1")
				w.grow("app.log", "c\n")
				w.wait(2 * settleAfter)
				w.got("b", "c")
				w.again()
				w.wait(2 * settleAfter)
				w.got()
				w.end()
				w.warned()
			})
		})
	}
}

// A file that was cut has a compressed one beside it that is not its copy.
func TestACopyThatIsAnotherFile(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.grow("app.log", "b\n")
		w.look()
		w.got("a", "b")
		w.write("app.log.1.gz", string(gzipped(w.t, "a\nx\n")))
		w.truncate("app.log", 0)
		w.grow("app.log", "c\n")
		w.wait(2 * settleAfter)
		w.got("c")
		w.warned("app.log.1.gz: it was cut, and what was to be a copy of it is another file")
		w.end()
	})
}

func TestACopyThatHasMoreIsReadFromItsStart(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app*.log")
		w.write("app-2.log", "a\n")
		w.look()
		w.got("a")
		w.grow("app-2.log", "b\n")
		w.wait(2 * settleAfter)
		w.got("a", "b")
		w.warned("app-2.log: it begins as app.log does, which is followed, and has more: it is read from its start")
		w.end()
	})
}

// A file is cut and grows beyond its position before a line of it was read.
func TestAFileThatWasCutBeforeItWasRead(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.got("a")
		w.rename("app.log", "app.log.1")
		w.write("app.log", "b\n")
		w.wait(FollowInterval)
		w.got("b")
		w.write("app.log", "another\n")
		w.look()
		w.got("another")
		w.end()
	})
}

func TestSeveralCopiesBetweenTwoLooks(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.got("a")
		w.write("app.log.2", "a\nb\n")
		w.write("app.log.1", "c\n")
		w.date("app.log.2", "app.log.1")
		w.truncate("app.log", 0)
		w.grow("app.log", "d\n")
		w.look()
		w.got("b", "c", "d")
		w.end()
		w.warned()
	})
}

func TestAFileWhoseStartWasWrittenAnew(t *testing.T) {
	rest := strings.Repeat("x", headSize) + "\n"
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n"+rest)
		w.follow("app.log")
		w.got("a", rest[:headSize])
		w.write("app.log", "b\n"+rest+"c\n")
		w.look()
		w.got("b", rest[:headSize], "c")
		w.warned("app.log: it was cut")
		w.end()
	})
}

// The copy is there before it is known what it is a copy of.
func TestCopyAndTruncateAndThenRename(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.got("a")
		w.grow("app.log", "b\n")
		w.copyTo("app.log", "app.log.2")
		w.truncate("app.log", 0)
		w.grow("app.log", "c\n")
		w.rename("app.log", "app.log.1")
		w.write("app.log", "d\n")
		w.date("app.log.2", "app.log.1", "app.log")
		w.look()
		w.got("b", "c", "d")
		w.end()
		w.warned()
	})
}
