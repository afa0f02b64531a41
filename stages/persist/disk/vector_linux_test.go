package disk

import (
	"bytes"
	"testing"
)

func TestWhatASystemHasWrittenOfPartsIsLeftOut(t *testing.T) {
	for n, want := range []string{"ab|cde|f", "b|cde|f", "cde|f", "de|f", "e|f", "f", ""} {
		parts := [][]byte{[]byte("ab"), []byte("cde"), []byte("f")}
		if got := string(bytes.Join(unwritten(parts, n), []byte("|"))); got != want {
			t.Errorf("behind %d bytes: got %q, expected %q", n, got, want)
		}
	}
}
