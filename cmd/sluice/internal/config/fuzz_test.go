package config

import (
	"os"
	"path/filepath"
	"testing"
)

// FuzzFile holds that no file makes reading it panic, and that every mistake
// says where it stands in words that fit the file.
func FuzzFile(f *testing.F) {
	for _, seed := range []string{
		"", "source: {lane: {field: level, map: {503: high}}}\n", "persist: {columns: {a: {type: text, key: true}}}\n",
		"a: &x {b: 1}\nc: *x\n<<: *x\n", "enrich:\n  steps:\n    - set: {a: 1}\n", "budget: !!str 64MiB\n", "- [{a: 1}, ?]\n",
		"a: |\n  b\n---\nc: d\n", "lanes: {low: {capacity: 0x10, weight: 1_0}}\n", "? a\n: b\n", "{a: b, a: b}", "\"\\x", "*x", "a: &a [*a]\n",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		path := filepath.Join(dir, "fuzz.yaml")
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		l := Load(Input{File: path})
		_ = l.Err() // sorts
		for _, p := range l.problems {
			if p.Line < 0 || p.Line > len(l.doc.lines) || p.Message == "" {
				t.Errorf("a problem at line %d of %d says %q", p.Line, len(l.doc.lines), p.Message)
			}
			_ = p.String()
		}
	})
}
