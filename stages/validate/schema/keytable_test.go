package schema

import (
	"fmt"
	"strings"
	"testing"
)

func TestKeyTableFindsItsNamesOnly(t *testing.T) {
	var names []string
	for n := range 20 {
		// Of one length, with the same words at both ends, and at the ends of the table's sizes.
		names = append(names, strings.Repeat("a", n), fmt.Sprintf("property_%02d_of_the_event", n), fmt.Sprintf("%d", n))
	}
	for size := range names {
		table := newKeyTable(names[1 : size+1])
		for i, name := range names {
			for _, around := range []string{"", `"`, `":"some more text"`} {
				text := []byte(around + name + around)
				got, want := table.find(text, len(around), len(around)+len(name)), -1
				if i > 0 && i <= size {
					want = i - 1
				}
				if got != want {
					t.Fatalf("%q in %q among %d names is at %d, want %d", name, text, size, got, want)
				}
			}
		}
	}
}

func FuzzKeyTable(f *testing.F) {
	f.Add("id,ts,level,service,duration_ms", "level", 3)
	f.Add("aaaaaaaaa,aaaaaaaab,baaaaaaaa", "aaaaaaaac", 0)
	f.Fuzz(func(t *testing.T, list, text string, start int) {
		var names []string
		at := map[string]int{}
		for name := range strings.SplitSeq(list, ",") {
			if _, twice := at[name]; !twice {
				at[name] = len(names)
				names = append(names, name)
			}
		}
		table := newKeyTable(names)
		start = max(0, min(start, len(text)))
		want, known := at[text[start:]]
		if !known {
			want = -1
		}
		if got := table.find([]byte(text), start, len(text)); got != want {
			t.Fatalf("%q is at %d, want %d", text[start:], got, want)
		}
		for name, i := range at {
			if table.find([]byte(name), 0, len(name)) != i {
				t.Fatalf("%q is not found", name)
			}
		}
	})
}
