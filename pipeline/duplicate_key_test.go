package pipeline

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// membersText returns an object's text with the keys k0 to k(n-1) and what follows.
func membersText(n int, more string) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range n {
		fmt.Fprintf(&b, `"k%d":%d,`, i, i)
	}
	return strings.TrimSuffix(b.String()+more, ",") + "}"
}

func TestDuplicateKeysAreFound(t *testing.T) {
	tests := []struct{ name, text, pointer, first, second string }{
		{"none in an empty object", `{}`, "", "", ""},
		{"none in one member", `{"a":1}`, "", "", ""},
		{"none among keys alike", `{"ab":1,"axb":2,"aab":3,"acb":4}`, "", "", ""},
		{"none between an object and the one inside", `{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}`, "", "", ""},
		{"two", `{"a":1,"b":2,"a":3}`, "/a", "1", "3"},
		{"the first pair of several", `{"a":1,"b":2,"b":4,"a":3}`, "/b", "2", "4"},
		{"inside an array", `{"x":[1,{"y":0,"b/c":1,"b/c":2}]}`, "/x/1/b~1c", "1", "2"},
		{"the outer object before the inner", `{"a":{"b":1,"b":2},"a":3}`, "/a", `{"b":1,"b":2}`, "3"},
		{"an escape and its character", `{"a":1,"\u0061":2}`, "/a", "1", "2"},
		{"two escapes", `{"\u0061":1,"\u0061":2}`, "/a", "1", "2"},
		{"the empty key", `{"":1,"":2}`, "/", "1", "2"},
		{"not the same without its escape", `{"\\u0061":1,"\u0061":2}`, "", "", ""},
		{"none of many", membersText(1000, ""), "", "", ""},
		{"one of many", membersText(1000, `"k500":-1`), "/k500", "500", "-1"},
		{"an escaped one of many", membersText(1000, `"\u006b999":-1`), "/k999", "999", "-1"},
		{"a plain one of many behind an escaped one", membersText(1000, `"\u0061":1,"a":2`), "/a", "1", "2"},
		{"the one that makes it many", membersText(fewMembers, `"k3":-1`), "/k3", "3", "-1"},
		{"the last of few", membersText(fewMembers-1, `"k3":-1`), "/k3", "3", "-1"},
		{"none in an array", `[1,1,"a","a"]`, "", "", ""},
	}
	var d DuplicateKeys
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			first, second := d.Find(scanned(t, tt.text))
			if string(first.JSON()) != tt.first || string(second.JSON()) != tt.second {
				t.Fatalf("found %s and %s, want %s and %s", first.JSON(), second.JSON(), tt.first, tt.second)
			}
			if second.Exists() && (first.Pointer() != tt.pointer || second.Pointer() != tt.pointer) {
				t.Errorf("at %s and %s, want %s", first.Pointer(), second.Pointer(), tt.pointer)
			}
		})
	}
}

func TestDuplicateKeysDoNotAllocate(t *testing.T) {
	roots := []Value{scanned(t, membersText(12, "")), scanned(t, membersText(500, "")), scanned(t, `{"\u0061":1,"b":{"\u0063":1,"c":2}}`)}
	var d DuplicateKeys
	if n := testing.AllocsPerRun(100, func() {
		for _, root := range roots {
			d.Find(root)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkDuplicateKeys(b *testing.B) {
	for _, n := range []int{14, 16, 30, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			root := scanned(b, membersText(n, ""))
			var d DuplicateKeys
			b.ReportAllocs()
			for b.Loop() {
				d.Find(root)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/key")
		})
	}
}

// FuzzDuplicateKeys compares with a map of each object's keys as encoding/json
// reads them.
func FuzzDuplicateKeys(f *testing.F) {
	f.Add(`{"a":1,"b":{"c":[{"d":1,"d":2}]}}`)
	f.Add(`{"\u0061":1,"a":2}`)
	f.Add(membersText(40, `"k1":1`))
	f.Fuzz(func(t *testing.T, text string) {
		nodes, err := Scan(nil, []byte(text), 1000)
		if err != nil {
			t.Skip()
		}
		root := NewValue([]byte(text), nodes)
		var d DuplicateKeys
		_, second := d.Find(root)
		if want := hasDuplicates(root); second.Exists() != want {
			t.Errorf("%s: found %v, want %v", text, second.Exists(), want)
		}
	})
}

func hasDuplicates(v Value) bool {
	seen := map[string]bool{}
	for child := range v.Children() {
		if v.Kind() == KindObject {
			n := child.nodes[child.at]
			var key string
			if json.Unmarshal(child.src[n.KeyStart-1:n.KeyEnd+1], &key) != nil || seen[key] {
				return true
			}
			seen[key] = true
		}
		if hasDuplicates(child) {
			return true
		}
	}
	return false
}
