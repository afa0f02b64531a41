package validate

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/pipeline"
)

// newStage compiles a schema that is given as text.
func newStage(t testing.TB, schema string) *Stage {
	t.Helper()
	path := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(path, []byte(schema), 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Schema: path})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// in is the schema of a record whose member x must fit.
func in(schema string) string { return `{"properties": {"x": ` + schema + `}}` }

func TestFailureIsASentenceThatSaysWhatWasFoundAndExpected(t *testing.T) {
	const draft7 = `"$schema": "http://json-schema.org/draft-07/schema#"`
	long := strings.Repeat("a", 200)
	tests := []struct {
		schema, record string
		pointer, want  string
	}{
		{in(`{"type": "integer"}`), `{"x": "7"}`, "/x", "/x is a string; must be an integer"},
		{in(`{"type": "integer"}`), `{"x": 1.50}`, "/x", "/x is 1.50; must be an integer"},
		{in(`{"type": ["string", "null"]}`), `{"x": []}`, "/x", "/x is an array; must be null or a string"},
		{`{"type": "array"}`, `{}`, "", "the record is an object; must be an array"},
		{in(`{"maximum": 599}`), `{"x": 999}`, "/x", "/x is 999; must be at most 599"},
		{in(`{"minimum": -0.5}`), `{"x": -1e0}`, "/x", "/x is -1e0; must be at least -0.5"},
		{in(`{"exclusiveMinimum": 0}`), `{"x": 0}`, "/x", "/x is 0; must be more than 0"},
		{in(`{"exclusiveMaximum": 1e2}`), `{"x": 100}`, "/x", "/x is 100; must be less than 100"},
		{in(`{"multipleOf": 0.01}`), `{"x": 0.005}`, "/x", "/x is 0.005; must be a multiple of 0.01"},
		{in(`{"enum": ["debug", "info", 3, null]}`), `{"x": "loud"}`, "/x", `/x is "loud"; must be one of "debug", "info", 3, null`},
		{in(`{"enum": ["a"]}`), `{"x": {"y": 1}}`, "/x", `/x is an object; must be "a"`},
		{in(`{"enum": [1,2,3,4,5,6,7,8,9,10,11,12]}`), `{"x": 0}`, "/x", `/x is 0; must be one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more`},
		{in(`{"const": {"a": [1.0]}}`), `{"x": true}`, "/x", `/x is true; must be {"a":[1.0]}`},
		{in(`{"pattern": "^[a-z]+$"}`), `{"x": "A<b>"}`, "/x", `/x is "A<b>"; must match the pattern ^[a-z]+$`},
		{in(`{"minLength": 1}`), `{"x": ""}`, "/x", "/x has 0 characters; must have at least 1"},
		{in(`{"maxLength": 1}`), `{"x": "é\u00e9"}`, "/x", "/x has 2 characters; must have at most 1"},
		{in(`{"minItems": 2}`), `{"x": [1]}`, "/x", "/x has 1 item; must have at least 2"},
		{in(`{"maxItems": 1}`), `{"x": [1, 2]}`, "/x", "/x has 2 items; must have at most 1"},
		{in(`{"minProperties": 1}`), `{"x": {}}`, "/x", "/x has 0 properties; must have at least 1"},
		{`{"maxProperties": 1}`, `{"x": 1, "y": 2}`, "", "the record has 2 properties; must have at most 1"},
		{in(`{"uniqueItems": true}`), `{"x": [1, 2, 1.0]}`, "/x", "/x has equal items at 0 and 2; must have no two equal items"},
		{in(`{"items": {"type": "string"}}`), `{"x": ["a", 7, 8]}`, "/x/1", "/x/1 is a number; must be a string"},
		{in(`{"prefixItems": [{}], "items": false}`), `{"x": [1, 2]}`, "/x/1", "/x/1 is not allowed by the schema at #/properties/x/items"},
		{`{` + draft7 + `, "properties": {"x": {"items": [{}], "additionalItems": false}}}`, `{"x": [1, 2, 3]}`, "/x", "/x has 2 items more than the schema allows"},
		{in(`{"contains": {"const": 1}}`), `{"x": [2]}`, "/x", "/x has 0 items of the kind that contains asks for; must have at least 1"},
		{in(`{"contains": {"const": 1}, "minContains": 2}`), `{"x": [1]}`, "/x", "/x has 1 item of the kind that contains asks for; must have at least 2"},
		{in(`{"contains": {"const": 1}, "maxContains": 1}`), `{"x": [1, 1]}`, "/x", "/x has 2 items of the kind that contains asks for; must have at most 1"},
		{`{"required": ["id"]}`, `{}`, "", `required property "id" is missing`},
		{`{"required": ["id", "ts"]}`, `{"x": 1}`, "", `required properties "id", "ts" are missing`},
		{in(`{"required": ["id"]}`), `{"x": {}}`, "/x", `/x: required property "id" is missing`},
		{`{"dependentRequired": {"x": ["y"]}}`, `{"x": 1}`, "", `property "y" is missing; must be there because "x" is`},
		{`{` + draft7 + `, "dependencies": {"x": ["y"]}}`, `{"x": 1}`, "", `property "y" is missing; must be there because "x" is`},
		{`{"properties": {"x": {}}, "additionalProperties": false}`, `{"z": 1, "y": 1, "x": 1}`, "/y", "/y is not allowed; the schema allows no additional properties"},
		{`{"properties": {"x": {}}, "unevaluatedProperties": false}`, `{"y": 1}`, "/y", "/y is not allowed by the schema at #/unevaluatedProperties"},
		{`{"propertyNames": {"pattern": "^[a-z]+$"}}`, `{"a/B": 1}`, "/a~1B", `/a~1B: property name is "a/B"; must match the pattern ^[a-z]+$`},
		{`{"propertyNames": {"maxLength": 2}}`, `{"abc": 1}`, "/abc", `/abc: property name has 3 characters; must have at most 2`},
		{`{"propertyNames": false}`, `{"a": 1}`, "/a", `/a: property name is not allowed by the schema at #/propertyNames`},
		{in(`{"not": {"type": "string"}}`), `{"x": "s"}`, "/x", `/x is "s"; must not fit the schema at #/properties/x/not`},
		{in(`false`), `{"x": "s"}`, "/x", `/x is not allowed by the schema at #/properties/x`},
		{in(`{"oneOf": [{"minimum": 1}, {"minimum": 2}]}`), `{"x": 3}`, "/x", `/x is 3; must fit one alternative only, but fits 0 and 1 at #/properties/x/oneOf`},
		{in(`{"anyOf": [{"type": "null"}, {"type": "integer"}]}`), `{"x": "s"}`, "/x", `/x is a string; must be an integer or null`},
		{in(`{"anyOf": [{"type": "null"}, {"required": ["id"]}]}`), `{"x": {}}`, "/x",
			`/x: required property "id" is missing (the nearest of 2 alternatives at #/properties/x/anyOf)`},
		{in(`{"oneOf": [{"type": "null"}, {"properties": {"id": {"type": "integer"}}}]}`), `{"x": {"id": "s"}}`, "/x/id",
			`/x/id is a string; must be an integer (the nearest of 2 alternatives at #/properties/x/oneOf)`},
		{in(`{"if": {"minimum": 500}, "then": {"multipleOf": 10}}`), `{"x": 505}`, "/x", `/x is 505; must be a multiple of 10`},
		{`{"properties": {"x": {"allOf": [{"$ref": "#/$defs/small"}]}}, "$defs": {"small": {"maximum": 3}}}`, `{"x": 4}`, "/x", `/x is 4; must be at most 3`},
		// What is quoted is bounded, and cut between characters.
		{in(`{"maxLength": 5, "pattern": "^x"}`), `{"x": "` + long + `"}`, "/x", "/x has 200 characters; must have at most 5"},
		{in(`{"pattern": "^x"}`), `{"x": "` + long + `"}`, "/x", `/x is "` + strings.Repeat("a", 79) + `...; must match the pattern ^x`},
		{in(`{"pattern": "^x"}`), `{"x": "` + strings.Repeat("é", 100) + `"}`, "/x", `/x is "` + strings.Repeat("é", 39) + `...; must match the pattern ^x`},
		{`{"additionalProperties": {"type": "null"}}`, `{"` + long + `": 1}`, "/" + long, "/" + strings.Repeat("a", 159) + "... is a number; must be null"},
		// Of several failures the outermost counts, then the first by name or index.
		{`{"required": ["id"], "properties": {"x": {"type": "null"}}}`, `{"x": 1}`, "", `required property "id" is missing`},
		{`{"additionalProperties": {"type": "null"}}`, `{"c": 1, "a": 1, "b": {"a": 2}}`, "/a", `/a is a number; must be null`},
		{`{"additionalProperties": {"items": {"type": "null"}}}`, `{"x": [null,null,1,4,5,6,7,8,9,10,11]}`, "/x/2", `/x/2 is a number; must be null`},
		// Of duplicate keys the last counts.
		{in(`{"type": "integer"}`), `{"x": 1, "x": "s"}`, "/x", "/x is a string; must be an integer"},
		// A number of any length is told like others.
		{in(`{"maximum": 5}`), `{"x": 1e999999999}`, "/x", "/x is 1e999999999; must be at most 5"},
		{in(`{"type": "integer"}`), `{"x": -1E-401}`, "/x", "/x is -1E-401; must be an integer"},
		{in(`{"type": "string"}`), `{"x": ` + strings.Repeat("7", 1001) + `}`, "/x", "/x is a number; must be a string"},
		// The library's arithmetic on such a number would cost far more than its length.
		{`{"properties": {"a": {}}, "unevaluatedProperties": false}`, `{"a": [0, {"b/c": 1e999999999}]}`, "/a/1/b~1c",
			"/a/1/b~1c is 1e999999999; a number in a part of the record that takes the slow way must have at most 1000 digits and an exponent within 400"},
	}
	for i, tt := range tests {
		t.Run(fmt.Sprintf("%d %s", i, shorten(tt.want, 60)), func(t *testing.T) {
			s := newStage(t, tt.schema)
			b := process(t, s, tt.record)
			err := b.Record(0).Err()
			if err == nil {
				t.Fatalf("%s fits %s", tt.record, tt.schema)
			}
			if err.Code != pipeline.CodeSchema || err.Pointer != tt.pointer {
				t.Errorf("code %s and pointer %q, want schema and %q", err.Code, err.Pointer, tt.pointer)
			}
			if !strings.HasPrefix(err.Message, tt.want) {
				t.Errorf("message:\n%s\nwant:\n%s", err.Message, tt.want)
			}
			for range 5 {
				if again := process(t, s, tt.record).Record(0).Err(); again.Message != err.Message || again.Pointer != err.Pointer {
					t.Errorf("another time the message is:\n%s", again.Message)
				}
			}
		})
	}
}

func TestFailureNamesTheKeywordOfTheSchema(t *testing.T) {
	writeFiles(t, map[string]string{
		"event.json": `{"properties": {"a b": {"maximum": 5}, "user": {"$ref": "user.json#/$defs/id"}}}`,
		"user.json":  `{"$defs": {"id": {"type": "integer"}}}`,
	})
	s, err := New(Config{Schema: "event.json"})
	if err != nil {
		t.Fatal(err)
	}
	for record, want := range map[string]string{
		`{"a b": 6}`:      "#/properties/a b/maximum",
		`{"user": "Zoë"}`: "user.json#/$defs/id/type",
	} {
		f, ok := process(t, s, record).Record(0).Err().Err.(*Failure)
		if !ok || f.Keyword != want {
			t.Errorf("%s has the failure %#v, want keyword %s", record, f, want)
		}
	}
}

func TestNumberWithinTheBoundsIsChecked(t *testing.T) {
	s := newStage(t, `{"properties": {"x": {"type": "integer"}}}`)
	for _, n := range []string{"1e400", "1E+0400", "-1e400", "1.7976931348623157e308", "1.0", "10e-1", strings.Repeat("7", 1000)} {
		if err := process(t, s, `{"x": `+n+`}`).Record(0).Err(); err != nil {
			t.Errorf("%s: %v", n, err)
		}
	}
	for _, n := range []string{"1e-400", "5e-324", "0.5", "12345678901234567890.5"} {
		if err := process(t, s, `{"x": `+n+`}`).Record(0).Err(); err == nil || !strings.Contains(err.Message, "must be an integer") {
			t.Errorf("%s: %v", n, err)
		}
	}
}
