package ingest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Which file is a copy does not depend on which others are being read at the moment.
func TestManyFilesThatBeginAlikeAreAllRead(t *testing.T) {
	inBubble(t, func(w *following) {
		header := strings.Repeat("h", headSize+900) + "\n"
		var want []string
		for i := range 40 {
			w.write(fmt.Sprintf("s%02d.log", i), header)
			want = append(want, strings.TrimSpace(header))
		}
		w.follow("*.log")
		w.look()
		for range 3 {
			for i := range 40 {
				line := fmt.Sprintf("of s%02d", i)
				w.grow(fmt.Sprintf("s%02d.log", i), line+"\n")
				want = append(want, line)
			}
			w.look()
		}
		w.look()
		slices.Sort(want)
		w.mu.Lock()
		slices.Sort(w.lines)
		if !slices.Equal(w.lines, want) {
			t.Errorf("%d lines came in, want each of %d once", len(w.lines), len(want))
		}
		w.mu.Unlock()
		w.end()
	})
}
