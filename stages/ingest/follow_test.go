package ingest

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
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
