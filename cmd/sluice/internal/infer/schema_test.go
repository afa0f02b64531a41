package infer

import (
	"fmt"
	"strings"
	"testing"
)

// body is a schema without what every schema begins with.
func body(schema []byte) string {
	return strings.TrimSuffix(strings.TrimPrefix(compact(schema), `{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",`), "}")
}

func TestSchemaOfWhatWasSeen(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  string // of the member x, without what every schema begins with
	}{
		{"an integer", []string{`{"x":1}`}, `"properties":{"x":{"type":"integer"}},"required":["x"]`},
		{"a real", []string{`{"x":1}`, `{"x":1.5}`}, `"properties":{"x":{"type":"number"}},"required":["x"]`},
		{"a whole number spelled as a real", []string{`{"x":1.0}`}, `"properties":{"x":{"type":"number"}},"required":["x"]`},
		{"an integer beyond 64 bits", []string{`{"x":123456789012345678901234567890}`}, `"properties":{"x":{"type":"integer"}},"required":["x"]`},
		{"a null beside values", []string{`{"x":true}`, `{"x":null}`}, `"properties":{"x":{"type":["boolean","null"]}},"required":["x"]`},
		{"nulls alone say nothing", []string{`{"x":null}`}, `"properties":{"x":{}},"required":["x"]`},
		{"a member that is not always there", []string{`{"x":1}`, `{}`}, `"properties":{"x":{"type":"integer"}}`},
		{"one that is twice in one and not in another", []string{`{"x":1,"x":2}`, `{}`}, `"properties":{"x":{"type":"integer"}}`},
		{"several types", []string{`{"x":1}`, `{"x":"a"}`, `{"x":[]}`}, `"properties":{"x":{"type":["array","string","integer"]}},"required":["x"]`},
		{"an array's elements together", []string{`{"x":[1,"a"]}`, `{"x":[null]}`}, `"properties":{"x":{"type":"array","items":{"type":["string","integer","null"]}}},"required":["x"]`},
		{"an empty array", []string{`{"x":[]}`}, `"properties":{"x":{"type":"array"}},"required":["x"]`},
		{"an object inside", []string{`{"x":{"y":1}}`, `{"x":{}}`}, `"properties":{"x":{"type":"object","properties":{"y":{"type":"integer"}}}},"required":["x"]`},
		{"objects in an array", []string{`{"x":[{"y":1},{"y":2,"z":3}]}`},
			`"properties":{"x":{"type":"array","items":{"type":"object","properties":{"y":{"type":"integer"},"z":{"type":"integer"}},"required":["y"]}}},"required":["x"]`},
		{"a timestamp", []string{`{"x":"2026-03-01T12:00:00Z"}`}, `"properties":{"x":{"type":"string","format":"date-time"}},"required":["x"]`},
		{"not a timestamp once", []string{`{"x":"2026-03-01T12:00:00Z"}`, `{"x":"now"}`}, `"properties":{"x":{"type":"string"}},"required":["x"]`},
		{"an escaped key", []string{`{"\u0078":1}`, `{"x":2}`}, `"properties":{"x":{"type":"integer"}},"required":["x"]`},
		{"a key that JSON escapes", []string{`{"a\"<b":1}`}, `"properties":{"a\"<b":{"type":"integer"}},"required":["a\"<b"]`},
		{"no members", []string{`{}`}, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			schema := inferred(t, tt.lines...).Schema(Options{})
			if got := body(schema); got != tt.want && !(tt.want == "" && strings.HasSuffix(got, `"type":"object"`)) {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			if n, why := refused(t, checker(t, schema), tt.lines); n > 0 {
				t.Errorf("%d refused: %v", n, why)
			}
		})
	}
}

func TestFormatsThatAllTextsHave(t *testing.T) {
	for text, want := range map[string]string{
		"2026-03-01T12:00:00+01:00":            "date-time",
		"2026-03-01":                           "date",
		"0b8f3c9e-4a1c-4f5e-9b7d-0123456789ab": "uuid",
		"203.0.113.7":                          "ipv4",
		"2001:db8::1":                          "ipv6",
		"ann@example.com":                      "email",
		"https://example.com/a?b=c":            "uri",
		"urn:a:b":                              "",
		"example":                              "",
		"":                                     "",
	} {
		in := inferred(t, fmt.Sprintf(`{"x":%q}`, text))
		if got := in.root.object.members["x"].shape.text.format(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestEnumsAreOfFewValuesSeenOften(t *testing.T) {
	value := func(f func(i int) string) []string {
		return repeat(60, func(i int) string { return fmt.Sprintf(`{"x":%s}`, f(i)) })
	}
	tests := []struct {
		name  string
		lines []string
		want  string
	}{
		{"three values", value(func(i int) string { return fmt.Sprintf(`"v%d"`, i%3) }), `"enum":["v0","v1","v2"]`},
		{"with null", value(func(i int) string { return []string{`"a"`, `"b"`, `null`}[i%3] }), `"enum":["a","b",null]`},
		{"escaped and not", value(func(i int) string { return []string{`"a"`, `"\u0061"`, `"b"`}[i%3] }), `"enum":["a","b"]`},
		{"one value says nothing", value(func(int) string { return `"a"` }), ""},
		{"too many values", value(func(i int) string { return fmt.Sprintf(`"v%d"`, i%11) }), ""},
		{"each too seldom", value(func(i int) string { return fmt.Sprintf(`"v%d"`, i%10) }), ""},
		{"one of them too seldom", value(func(i int) string { return []string{`"a"`, `"b"`}[min(1, i/58)] }), ""},
		{"texts and numbers", value(func(i int) string { return []string{`"a"`, `"b"`, `1`}[i%3] }), ""},
		{"numbers", value(func(i int) string { return fmt.Sprint(i % 3) }), ""},
		{"lone surrogates, which no text can say", value(func(i int) string { return []string{`"\ud800"`, `"b"`}[i%2] }), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			schema := inferred(t, tt.lines...).Schema(Options{})
			got := compact(schema)
			if tt.want == "" && strings.Contains(got, "enum") || !strings.Contains(got, tt.want) {
				t.Errorf("%s\nwant %q", got, tt.want)
			}
			if n, why := refused(t, checker(t, schema), tt.lines); n > 0 {
				t.Errorf("%d refused: %v", n, why)
			}
		})
	}
}

func TestRangesAreAsked(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  string
	}{
		{"integers exactly", []string{`{"x":-9223372036854775808}`, `{"x":9223372036854775807}`}, `"minimum":-9223372036854775808,"maximum":9223372036854775807`},
		{"reals rounded away", []string{`{"x":0.25}`, `{"x":69.5}`}, `"minimum":0,"maximum":70`},
		{"reals that a float64 rounds", []string{`{"x":0.99999999999999999999}`, `{"x":1.00000000000000000001}`}, `"minimum":0,"maximum":2`},
		{"reals beyond exact integers", []string{`{"x":1e300}`}, `"type":"number"}`},
		{"reals beyond float64", []string{`{"x":1e400}`}, `"type":"number"}`},
		{"characters", []string{`{"x":"é"}`, `{"x":"abc"}`}, `"minLength":1,"maxLength":3`},
		{"elements", []string{`{"x":[]}`, `{"x":[1,2]}`}, `"minItems":0,"maxItems":2`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			schema := inferred(t, tt.lines...).Schema(Options{Ranges: true})
			if got := compact(schema); !strings.Contains(got, tt.want) {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
			if n, why := refused(t, checker(t, schema), tt.lines); n > 0 {
				t.Errorf("%d refused: %v", n, why)
			}
		})
	}
}

func TestObjectsWithKeysThatAreDataBecomeMaps(t *testing.T) {
	lines := repeat(100, func(i int) string { return fmt.Sprintf(`{"by":{"u%d":{"n":%d},"v%d":{"m":"a"}}}`, i, i, i) })
	schema := inferred(t, lines...).Schema(Options{})
	want := `"properties":{"by":{"type":"object","additionalProperties":{"type":"object","properties":{"n":{"type":"integer"},"m":{"type":"string"}}}}},"required":["by"]`
	if got := body(schema); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if n, why := refused(t, checker(t, schema), lines); n > 0 {
		t.Errorf("%d refused: %v", n, why)
	}
}
