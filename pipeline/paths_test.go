package pipeline

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestFieldsReadTogetherAreThoseReadOneByOne(t *testing.T) {
	for _, c := range []struct{ name, line, paths, want string }{
		{"in the order of the paths", `{"a":1,"b":2}`, `b a`, `2 1`},
		{"a missing one is missing", `{"a":1}`, `b a`, `- 1`},
		{"the last of a key's duplicates", `{"a":1,"b":2,"a":3}`, `a`, `3`},
		{"an escaped key", `{"\u0061":1,"b\n":2}`, `a "b\n"`, `1 2`},
		{"the empty key", `{"":1}`, `""`, `1`},
		{"keys of one length with the same ends", `{"axc":1,"ayc":2}`, `ayc azc axc`, `2 - 1`},
		{"the same path twice", `{"a":1}`, `a a`, `1 1`},
		{"several fields of one object", `{"o":{"x":1,"y":[2,3]}}`, `o.y[1] o o.x o.z`, `3 {"x":1,"y":[2,3]} 1 -`},
		{"a path through what is no object", `{"a":1}`, `a.b a`, `- 1`},
		{"a record that is an array", `[1,2]`, `a`, `-`},
		{"a record that is no container", `1`, `a`, `-`},
		{"a line that is not JSON", `{"a":1`, `a`, `-`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var paths []Path
			for name := range strings.FieldsSeq(c.paths) {
				paths = append(paths, MustPath(name))
			}
			var got []string
			for _, v := range NewBatch(LaneNormal, c.line).Record(0).GetAll(nil, NewPaths(paths...)) {
				got = append(got, spelling(v))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %s; expected %s", s, c.want)
			}
		})
	}
}

func spelling(v Value) string {
	if !v.Exists() {
		return "-"
	}
	return string(v.JSON())
}

func TestManyPathsAreAllFound(t *testing.T) {
	var members []string
	var paths []Path
	for i := range 300 {
		members = append(members, fmt.Sprintf(`"key%dx":%d`, i, i))
		paths = append(paths, KeyPath(fmt.Sprintf("key%dx", i)))
	}
	slices.Reverse(members)
	r := NewBatch(LaneNormal, "{"+strings.Join(members, ",")+"}").Record(0)
	for i, v := range r.GetAll(nil, NewPaths(paths...)) {
		if n, ok := v.Int64(); !ok || n != int64(i) {
			t.Errorf("%s is %s", paths[i], spelling(v))
		}
	}
}
