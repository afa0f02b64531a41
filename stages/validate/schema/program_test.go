package schema

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
)

// never is a reference that must not be asked.
type never struct{ t testing.TB }

func (n never) Fits(s *jsonschema.Schema, _ pipeline.Value) (fits, known bool) {
	n.t.Errorf("the library is asked about %s", s.Location)
	return false, true
}

// compile compiles a schema that must not need the library.
func compile(t testing.TB, text string) (*Program, error) {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("file:///s.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("file:///s.json")
	if err != nil {
		t.Fatal(err)
	}
	compiler := Compiler{Reference: never{t}, Document: func(string) any { return doc }}
	return compiler.Compile(s)
}

func mustCompile(t testing.TB, text string) *Program {
	t.Helper()
	p, err := compile(t, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func value(t testing.TB, text string) pipeline.Value {
	t.Helper()
	nodes, err := pipeline.Scan(nil, []byte(text), 10_000)
	if err != nil {
		t.Fatal(err)
	}
	return pipeline.NewValue([]byte(text), nodes)
}

// many returns a JSON object of n members made by format.
func many(n int, format string) string {
	var members []string
	for i := range n {
		members = append(members, fmt.Sprintf(format, i))
	}
	return "{" + strings.Join(members, ",") + "}"
}

func TestLastOfDuplicateKeysCounts(t *testing.T) {
	tests := []struct {
		schema, record string
		fits           bool
	}{
		{`{"properties": {"a": {"type": "integer"}}}`, `{"a": "x", "a": 1}`, true},
		{`{"properties": {"a": {"type": "integer"}}}`, `{"a": 1, "a": "x"}`, false},
		{`{"properties": {"a": {"type": "integer"}}}`, `{"a": "x", "\u0061": 1}`, true},
		{`{"properties": {"a": {"type": "integer"}}}`, `{"\u0061": "x", "b": 1, "a": 1}`, true},
		{`{"properties": {"a": {"type": "integer"}}}`, `{"\u0061": "x", "\u0062": 1}`, false},
		{`{"properties": {"a": {"properties": {"b": false}}}}`, `{"a": {"b": 1}, "a": {}}`, true},
		{`{"patternProperties": {"^a": {"type": "null"}}, "additionalProperties": {"type": "integer"}}`, `{"a": 1, "c": "x", "a": null, "c": 2}`, true},
		{`{"maxProperties": 1}`, `{"a": 1, "a": 2, "\u0061": 3}`, true},
		{`{"minProperties": 2}`, `{"a": 1, "a": 2}`, false},
		{`{"const": {"a": 2}}`, `{"a": 1, "a": 2}`, true},
		{`{"uniqueItems": true}`, `[{"a": 1, "a": 2}, {"a": 2}]`, false},
	}
	for _, tt := range tests {
		if got := mustCompile(t, tt.schema).Fits(value(t, tt.record)); got != tt.fits {
			t.Errorf("%s fits %s: %t", tt.record, tt.schema, got)
		}
	}
}

// TestFaultsOfManyMembersAreLinear would take minutes if each looked for a
// later member with its key.
func TestFaultsOfManyMembersAreLinear(t *testing.T) {
	const n = 200_000
	p := mustCompile(t, `{"additionalProperties": {"type": "integer"}}`)
	for _, text := range []string{many(n, `"k%d": null`), strings.Replace(many(n, `"k%d": null`), "{", `{"k7": 1, "k8": null, `, 1)} {
		if faults := p.Faults(value(t, text)); len(faults) != n {
			t.Errorf("%d faults, want %d", len(faults), n)
		}
	}
}

func TestMoreRequiredNamesThanAWordHasBits(t *testing.T) {
	for _, n := range []int{1, 64, 65, 192, 193, 255, 256, 257, 1000} {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprintf("%q", fmt.Sprint("k", i)))
		}
		p := mustCompile(t, `{"required": [`+strings.Join(names, ",")+`], "additionalProperties": {"required": ["x"]}}`)
		all := many(n, `"k%d": {"x": 1}`)
		if !p.Fits(value(t, all)) {
			t.Errorf("%d names do not fit", n)
		}
		if p.Fits(value(t, strings.Replace(all, fmt.Sprintf(`"k%d"`, n-1), `"other"`, 1))) {
			t.Errorf("one of %d names is missing, and that fits", n)
		}
	}
}

// TestSchemaThatRefersToItselfTwiceIsLinear would not end without the verdicts
// that are kept: each level doubles the work.
func TestSchemaThatRefersToItselfTwiceIsLinear(t *testing.T) {
	p := mustCompile(t, `{"anyOf": [
		{"properties": {"a": {"$ref": "#"}, "kind": {"const": 1}}, "required": ["kind"]},
		{"properties": {"a": {"$ref": "#"}, "kind": {"const": 2}}, "required": ["kind"]}]}`)
	const depth = 1000
	good := strings.Repeat(`{"a":`, depth) + `{"kind":2}` + strings.Repeat(`,"kind":2}`, depth)
	if !p.Fits(value(t, good)) {
		t.Error("a fitting record does not fit")
	}
	bad := value(t, strings.Replace(good, `{"kind":2}`, `{"kind":3}`, 1))
	if p.Fits(bad) {
		t.Error("a record that is wrong at its innermost place fits")
	}
	if faults := p.Faults(bad); len(faults) != 1 || len(faults[0].Path) != 0 {
		t.Errorf("%d faults, want one at the alternatives", len(faults))
	}
}

func TestReferenceWithoutAStepIsAnError(t *testing.T) {
	for _, text := range []string{
		`{"$ref": "#"}`,
		`{"allOf": [{"$ref": "#"}]}`,
		`{"properties": {"a": {"$ref": "#/$defs/x"}}, "$defs": {"x": {"anyOf": [{"type": "null"}, {"not": {"$ref": "#/$defs/y"}}]}, "y": {"if": {"$ref": "#/$defs/x"}}}}`,
		`{"dependentSchemas": {"a": {"$ref": "#"}}}`,
	} {
		if _, err := compile(t, text); err == nil {
			t.Errorf("%s compiles", text)
		} else if _, ok := errors.AsType[*CycleError](err); !ok {
			t.Errorf("%s: %v", text, err)
		}
	}
	mustCompile(t, `{"properties": {"a": {"$ref": "#"}}, "items": {"allOf": [{"$ref": "#"}]}}`)
}

func TestSlowPartsAreThePlacesOfTheirKeywords(t *testing.T) {
	tests := []struct {
		schema string
		want   []string
	}{
		{`{"properties": {"a": {"type": "integer"}}}`, nil},
		{`{"$dynamicAnchor": "n", "items": {"$dynamicRef": "#n"}}`, nil},
		{`{"properties": {"a": {"unevaluatedProperties": false}, "b": {"items": {"unevaluatedItems": false}}}}`,
			[]string{"file:///s.json#/properties/a/unevaluatedProperties", "file:///s.json#/properties/b/items/unevaluatedItems"}},
		{`{"$dynamicAnchor": "n", "items": {"$dynamicRef": "#n"}, "$defs": {"d": {"$id": "d.json", "$dynamicAnchor": "n"}}}`,
			[]string{"file:///s.json#/items/$dynamicRef"}},
	}
	for _, tt := range tests {
		if got := mustCompile(t, tt.schema).SlowParts(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.schema, got, tt.want)
		}
	}
}

func TestCheckAllocatesNothing(t *testing.T) {
	tests := []struct{ name, schema, record string }{
		{"escaped keys and strings", `{"properties": {"a": {"enum": ["b\n"]}, "c": {"maxLength": 3, "pattern": "^[^x]+$"}}, "required": ["a"]}`, `{"\u0061": "b\n", "c": "\u00e9\t"}`},
		{"numbers", `{"additionalProperties": {"minimum": -1.5, "maximum": 1e30, "multipleOf": 0.01, "type": "number"}}`, `{"a": 1.01, "b": 9007199254740993, "c": 1e29, "d": 123456789012345678901.5}`},
		{"duplicate keys", `{"additionalProperties": {"type": "integer"}, "maxProperties": 2}`, `{"a": "x", "b": 1, "a": 1}`},
		{"unique items", `{"items": {}, "uniqueItems": true}`, `[1, 2, "a", {"b": 1, "a": [1]}, {"b": 2}, [], 1e1]`},
		{"a constant object", `{"const": {"b": [1, 2.0], "a": null}}`, `{"a": null, "b": [1.0, 2]}`},
		{"property names", `{"propertyNames": {"maxLength": 3, "not": {"const": "x"}}}`, `{"a": 1, "b\n": 2}`},
		{"alternatives", `{"oneOf": [{"properties": {"k": {"const": 1}}}, {"properties": {"k": {"const": 2}}}], "if": {"required": ["z"]}, "else": {"minProperties": 1}}`, `{"k": 2}`},
		{"recursion with verdicts kept", `{"properties": {"l": {"$ref": "#"}, "r": {"$ref": "#"}}}`, `{"l": {"l": {}, "r": {}}, "r": {"l": {}}}`},
		{"dependent names", `{"required": ["k"], "dependentRequired": {"k": ["l"]}}`, `{"k": 1, "l": 2}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, v := mustCompile(t, tt.schema), value(t, tt.record)
			if !p.Fits(v) {
				t.Fatal("does not fit")
			}
			// The best of some: the race detector makes pools forget a part of
			// what they are given.
			least := testing.AllocsPerRun(200, func() { p.Fits(v) })
			for range 50 {
				least = min(least, testing.AllocsPerRun(1, func() { p.Fits(v) }))
			}
			if least >= 1 {
				t.Errorf("%v allocations", least)
			}
		})
	}
}
