//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestATornLineOfAFileIsFound(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"at the end":                 {"{\"line\":\"a\"}\n{\"li", "torn at its end"},
		"in the middle, then joined": {"{\"li{\"line\":\"a\"}\n", "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "out.ndjson"), []byte(c.text), 0o644); err != nil {
				t.Fatal(err)
			}
			s := &ndjsonSink{dir: dir}
			if _, err := s.read(layoutColumns); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, expected %s", err, c.want)
			}
		})
	}
}
