package validate

import (
	"fmt"
	"strings"
	"testing"
)

func TestArrayChecksKeepTheirMeaningInEveryDraft(t *testing.T) {
	const draft7 = `"$schema": "http://json-schema.org/draft-07/schema#", `
	tests := []struct{ name, schema, fits, fails, pointer string }{
		{"items", `{"items": {"type": "string"}}`, `["a"]`, `["a", 1]`, "/x/1"},
		{"items after prefixItems", `{"prefixItems": [{"type": "null"}], "items": {"type": "string"}}`, `[null, "a"]`, `[null, "a", null]`, "/x/2"},
		{"items in draft 7", `{` + draft7 + `"items": {"type": "string"}}`, `["a"]`, `["a", 1]`, "/x/1"},
		{"additionalItems", `{` + draft7 + `"items": [{"type": "null"}], "additionalItems": {"type": "string"}}`, `[null, "a"]`, `[null, "a", 1]`, "/x/2"},
		{"unevaluatedItems after items", `{"allOf": [{"items": {"type": "string"}}], "unevaluatedItems": false}`, `["a"]`, `[1]`, "/x/0"},
		{"items of items", `{"items": {"items": {"uniqueItems": true}}}`, `[[[1, 2]], []]`, `[[[1, 2]], [[1], [2, 2]]]`, "/x/1/1"},
		{"contains", `{"contains": {"type": "null"}}`, `[1, null]`, `[1]`, "/x"},
		{"contains with a range", `{"contains": {"type": "null"}, "minContains": 0, "maxContains": 1}`, `[]`, `[null, null]`, "/x"},
		{"contains in draft 7", `{` + draft7 + `"contains": {"type": "null"}}`, `[null]`, `[]`, "/x"},
		{"unevaluatedItems after contains", `{"contains": {"type": "null"}, "unevaluatedItems": {"type": "string"}}`, `[null, "a"]`, `[null, "a", 1]`, "/x/2"},
		{"items under if", `{"if": {"items": {"type": "string"}}, "then": {"minItems": 2}}`, `[1]`, `["a"]`, "/x"},
		{"uniqueItems under not", `{"not": {"uniqueItems": true}}`, `[1, 1]`, `[1, 2]`, "/x"},
		{"uniqueItems of many", `{"uniqueItems": true}`, `[1, [1], {"a": 1}, "1", true, null]`, `[0, {"a": [1]}, 1, {"a": [1.0]}]`, "/x"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// The draft is that of the document: $schema must stand at the root.
			schema := `{"properties": {"x": ` + tt.schema + `}}`
			if strings.Contains(tt.schema, draft7) {
				schema = `{` + draft7 + `"properties": {"x": ` + strings.Replace(tt.schema, draft7, "", 1) + `}}`
			}
			b := process(t, newStage(t, schema), `{"x": `+tt.fits+`}`, `{"x": `+tt.fails+`}`)
			if err := b.Record(0).Err(); err != nil {
				t.Errorf("%s is dead: %v", tt.fits, err)
			}
			if err := b.Record(1).Err(); err == nil || err.Pointer != tt.pointer {
				t.Errorf("%s: %v, want %s", tt.fails, err, tt.pointer)
			}
		})
	}
}

// Allocations stand for the memory that one line can make the process take.
func TestFailingItemsAreNotAllKept(t *testing.T) {
	s := newStage(t, `{"properties": {"x": {"items": {"anyOf": [{"type": "string"}, {"type": "null"}]}}}}`)
	allocations := func(n int) float64 {
		root := index(t, []byte(`{"x":[`+strings.Repeat("true,", n)+`true]}`))
		return testing.AllocsPerRun(5, func() {
			if s.checker.Check(root) == nil {
				t.Error("fits")
			}
		})
	}
	if few, many := allocations(10), allocations(100_000); many > few+10 {
		t.Errorf("%v allocations for 100,000 items and %v for 10", many, few)
	}
}

func ExampleFailure() {
	f := &Failure{Pointer: "/status", Keyword: "#/properties/status/maximum", Message: "/status is 999; must be at most 599"}
	fmt.Println(f)
	// Output: /status is 999; must be at most 599 (#/properties/status/maximum)
}
