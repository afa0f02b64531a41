//go:build unix

package ingest

import (
	"syscall"
	"testing"
	"time"
)

func TestAPipeInThePlaceOfAFile(t *testing.T) {
	inBubble(t, func(w *following) {
		w.write("app.log", "a\n")
		w.follow("app.log")
		w.grow("app.log", "b\n")
		w.remove("app.log")
		if err := syscall.Mkfifo(w.path("app.log"), 0o600); err != nil {
			w.t.Fatal(err)
		}
		w.wait(time.Minute)
		w.got("a", "b")
		w.warned("app.log: it is no regular file any more; it is left alone")
		w.remove("app.log")
		w.write("app.log", "c\n")
		w.look()
		w.got("c")
		w.end()
	})
}
