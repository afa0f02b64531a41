package dedupe

import (
	"testing"

	"sluice/pipeline"
)

func keyOf(t testing.TB, line string, fields ...string) (string, bool) {
	t.Helper()
	r := pipeline.NewBatch(pipeline.LaneNormal, line).Record(0)
	if err := r.Index(pipeline.DefaultMaxDepth); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	var paths []pipeline.Path
	for _, f := range fields {
		paths = append(paths, pipeline.MustPath(f))
	}
	key, ok := appendKey(nil, r.GetAll(nil, pipeline.NewPaths(paths...)))
	return string(key), ok
}

func TestKeysAreEqualAsJSONValuesAre(t *testing.T) {
	tests := []struct {
		name, a, b string
		want       bool
	}{
		{"equal texts", `"a"`, `"a"`, true},
		{"an escape and its character", `"a"`, `"\u0061"`, true},
		{"other texts", `"a"`, `"b"`, false},
		{"a text and a number", `"1"`, `1`, false},
		{"an integer and a real", `1`, `1.0`, true},
		{"an integer with an exponent", `100`, `1e2`, true},
		{"zeros", `0`, `-0.0`, true},
		{"reals", `0.5`, `5e-1`, true},
		{"other reals", `0.5`, `0.05`, false},
		{"signs", `0.5`, `-0.5`, false},
		{"beyond 64 bits", `1e30`, `1000000000000000000000000000000`, true},
		{"neighbours beyond the reals", `9007199254740993`, `9007199254740992`, false},
		{"neighbours beyond 64 bits", `100000000000000000000000000000`, `100000000000000000000000000001`, false},
		{"an exponent beyond all", `1e99999999999999999999`, `1e99999999999999999998`, false},
		{"booleans", `true`, `false`, false},
		{"a boolean and its text", `true`, `"true"`, false},
		{"lists spelled alike", `[1,2]`, `[1,2]`, true},
		{"a list and its text", `[1]`, `"[1]"`, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, _ := keyOf(t, `{"id":`+tt.a+`}`, "id")
			b, _ := keyOf(t, `{"id":`+tt.b+`}`, "id")
			if (a == b) != tt.want {
				t.Errorf("%s and %s: %q and %q, want equal: %v", tt.a, tt.b, a, b, tt.want)
			}
		})
	}
}

func TestFieldsOfAKeyStayApart(t *testing.T) {
	a, _ := keyOf(t, `{"a":"x","b":"yz"}`, "a", "b")
	b, _ := keyOf(t, `{"a":"xy","b":"z"}`, "a", "b")
	if a == b {
		t.Error("x, yz and xy, z are one key")
	}
	if _, ok := keyOf(t, `{"a":"x"}`, "a", "b"); ok {
		t.Error("a record without a field has a key")
	}
	if _, ok := keyOf(t, `{"a":"x","b":null}`, "a", "b"); ok {
		t.Error("a record with a null has a key")
	}
	if _, ok := keyOf(t, `{"a":"","b":false}`, "a", "b"); !ok {
		t.Error("empty text and false make no key")
	}
}
