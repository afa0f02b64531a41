package validate

import (
	"encoding/json"
	"strings"
	"testing"

	"sluice/pipeline"
)

// checkerOf compiles the text of a schema.
func checkerOf(t *testing.T, text string) *programChecker {
	t.Helper()
	l, err := newLoader("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := decodeSchema([]byte(text), "schema.json")
	if err != nil {
		t.Fatal(err)
	}
	l.docs[l.main] = doc
	c := l.compiler()
	if err := c.AddResource(l.main, doc); err != nil {
		t.Fatal(err)
	}
	checker, err := l.compile(c, l.main)
	if err != nil {
		t.Fatal(err)
	}
	return checker
}

func nested(depth int, leaf string) string {
	return strings.Repeat(`{"l":`, depth) + leaf + strings.Repeat("}", depth)
}

// Of the schemas two ways lead from each level to the next. Tried one by one,
// those through 60 levels would not end.
func TestASchemaThatLeadsBackInTwoWaysIsCheckedInTime(t *testing.T) {
	const (
		fast  = `{"type": "object", "anyOf": [{"properties": {"l": {"$ref": "#"}}}, {"properties": {"l": {"$ref": "#"}}, "required": ["z"]}]}`
		slow  = `{"unevaluatedProperties": false, "allOf": [{"properties": {"l": {"$ref": "#"}}}, {"properties": {"l": {"$ref": "#"}}}]}`
		tree  = `{"unevaluatedProperties": false, "allOf": [{"properties": {"l": {"$ref": "#"}}}], "type": "object"}`
		many  = "leads back to itself in too many ways to try them all"
		wrong = "is a number; must be an object"
	)
	not := `{"not": {"$ref": "#/$defs/slow"}, "$defs": {"slow": ` + strings.ReplaceAll(slow, `"#"`, `"#/$defs/slow"`) + `}}`
	tests := []struct {
		name, schema, record, message string
	}{
		{"what fits takes the fast way", fast, nested(60, "{}"), ""},
		{"why a shallow record does not fit is told", fast, nested(3, "1"), wrong},
		{"why a deep one does not is not looked for", fast, nested(60, "1"), many},
		{"a slow part of a shallow record is judged", slow, nested(3, "{}"), ""},
		{"a slow part of a deep one is not", slow, nested(60, "{}"), many},
		{"what cannot be judged does not fit the opposite either", not, nested(60, "1"), many},
		{"one way alone is tried to any depth", tree, nested(500, "{}"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checker := checkerOf(t, tt.schema)
			nodes, fault := pipeline.Scan(nil, []byte(tt.record), 1000)
			if fault != nil {
				t.Fatal(fault)
			}
			root := pipeline.NewValue([]byte(tt.record), nodes)
			for _, f := range []*Failure{checker.Check(root), checker.CheckAll(root)} {
				got := ""
				if f != nil {
					got = f.Message
				}
				if tt.message == "" && f != nil || !strings.Contains(got, tt.message) {
					t.Errorf("found %q; expected %q", got, tt.message)
				}
			}
		})
	}
}

func TestANumberBeyondTheSlowWayFitsNoPartThatAsksForIt(t *testing.T) {
	const part = `{"properties": {"a": true}, "unevaluatedProperties": false}`
	for _, schema := range []string{part, `{"not": ` + part + `}`, `{"if": ` + part + `, "else": true}`} {
		record := `{"a": 1e500}`
		nodes, fault := pipeline.Scan(nil, []byte(record), 10)
		if fault != nil {
			t.Fatal(fault)
		}
		f := checkerOf(t, schema).Check(pipeline.NewValue([]byte(record), nodes))
		if f == nil {
			t.Errorf("%s takes %s, which it cannot judge", schema, record)
		}
	}
}

func TestVisitsAreCounted(t *testing.T) {
	tests := []struct {
		name, schema, record string
		count                int
	}{
		{"one for each container", `{"properties": {"l": {"items": {"type": "array"}}}}`, `{"l": [[], [], 1], "m": {}}`, 4},
		{"twice for two ways", `{"properties": {"l": {"minItems": 0}}, "allOf": [{"properties": {"l": {"minItems": 0}}}]}`, `{"l": {}}`, 4},
		{"the dearer of then and else", `{"if": {"minItems": 0}, "then": {"allOf": [{"minItems": 0}]}, "else": {"minItems": 0}}`, `{}`, 4},
		{"those of all alternatives", `{"anyOf": [{"minItems": 0}, {"minItems": 0}], "oneOf": [{"minItems": 0}], "not": {"minItems": 0}}`, `{}`, 5},
		{"items by their own schemas", `{"prefixItems": [{"minItems": 0}], "items": {"allOf": [{"minItems": 0}]}, "contains": {"minItems": 0}}`, `[[], []]`, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			nodes, fault := pipeline.Scan(nil, []byte(tt.record), 10)
			if fault != nil {
				t.Fatal(fault)
			}
			got := new(visits).count(checkerOf(t, tt.schema).library.schema, pipeline.NewValue([]byte(tt.record), nodes))
			if got != tt.count {
				t.Errorf("found %d visits; expected %d", got, tt.count)
			}
		})
	}
}

// The metaschema, which leads back to itself everywhere, judges a long schema.
func TestALongSchemaIsJudgedByItsMetaschema(t *testing.T) {
	properties := map[string]any{}
	for i := range 2000 {
		properties[strings.Repeat("p", 1+i%50)+string(rune('a'+i%26))+encode(i)] = map[string]any{
			"anyOf": []any{map[string]any{"type": "object", "properties": map[string]any{"x": map[string]any{"minimum": 1}}}, true},
		}
	}
	text, err := json.Marshal(map[string]any{"properties": properties})
	if err != nil {
		t.Fatal(err)
	}
	nodes, fault := pipeline.Scan(nil, text, 100)
	if fault != nil {
		t.Fatal(fault)
	}
	checker := checkerOf(t, `{"$ref": "https://json-schema.org/draft/2020-12/schema", "unevaluatedProperties": false}`)
	if f := checker.Check(pipeline.NewValue(text, nodes)); f != nil {
		t.Errorf("found %v", f)
	}
}
