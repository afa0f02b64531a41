package ingest

import (
	"strings"
	"testing"
)

// As rsync and many editors save: what was there, and more, under the same name.
func TestAFileThatIsSavedAnewWithMoreIsReadOn(t *testing.T) {
	for name, names := range map[string][]string{"by name": {"app.log"}, "by pattern": {"app*"}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(w *following) {
				text := strings.Repeat("h", headSize) + "\n"
				w.write("app.log", "a\n"+text)
				w.follow(names...)
				w.got("a", strings.TrimSpace(text))
				for _, line := range []string{"b", "c", "d"} {
					text += line + "\n"
					w.write(".saving", "a\n"+text)
					w.rename(".saving", "app.log")
					w.look()
					w.got(line)
				}
				w.again()
				w.look()
				w.got()
				w.end()
				w.warned()
			})
		})
	}
}

func TestAFileInThePlaceOfAnotherWithLessOfItIsANewOne(t *testing.T) {
	inBubble(t, func(w *following) {
		header := strings.Repeat("h", 2*headSize)
		w.write("app.log", header+"\na\nb\n")
		w.follow("app.log")
		w.got(header, "a", "b")
		w.write(".saving", header+"\nc\nd\ne\n")
		w.rename(".saving", "app.log")
		w.look()
		w.got(header, "c", "d", "e")
		w.end()
	})
}
