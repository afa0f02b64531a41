package nearest

import "testing"

func TestName(t *testing.T) {
	steps := []string{"set", "rename", "remove", "filter", "lookup", "compute"}
	for _, c := range []struct{ name, word, want string }{
		{"a missing letter", "lokup", "lookup"},
		{"letters swapped", "fitler", "filter"},
		{"a letter too many", "computes", "compute"},
		{"the nearer of two", "renam", "rename"},
		{"nothing near", "geoip", ""},
		{"the empty word", "", ""},
		{"a word much longer than any", "a-very-long-name-of-a-step", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Name(c.word, steps); got != c.want {
				t.Errorf("Name(%q) = %q, want %q", c.word, got, c.want)
			}
		})
	}
}

func TestHint(t *testing.T) {
	if got, want := Hint("tabel", []string{"table", "field"}), "; did you mean table?"; got != want {
		t.Errorf("Hint = %q, want %q", got, want)
	}
	if got := Hint("xyz", []string{"table"}); got != "" {
		t.Errorf("Hint = %q, want none", got)
	}
}
