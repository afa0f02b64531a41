package validate

import "testing"

func TestFormatIsAnnotationUnlessAMetaschemaAsksForIt(t *testing.T) {
	const record = `{"x": "yesterday"}`
	const asserting = `{"$id": "https://example.com/meta.json", "$schema": "https://json-schema.org/draft/2020-12/schema",
		"$vocabulary": {"https://json-schema.org/draft/2020-12/vocab/core": true, "https://json-schema.org/draft/2020-12/vocab/applicator": true,
		"https://json-schema.org/draft/2020-12/vocab/format-assertion": true}}`
	tests := []struct {
		name, schema string
		want         string // of the message, "" for none
	}{
		{"draft 4", `{"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"x": {"format": "date-time"}}}`, ""},
		{"draft 7", `{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"x": {"format": "date-time"}}}`, ""},
		{"draft 7 inside other keywords", `{"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"d": {"format": "date-time"}},
			"patternProperties": {"x": {"anyOf": [{"$ref": "#/definitions/d"}]}}, "dependencies": {"x": {"properties": {"x": {"format": "ipv4"}}}},
			"not": {"not": {"additionalProperties": {"if": {"format": "uri"}, "else": {"type": "null"}}}}}`, ""},
		{"2020-12", `{"$schema": "https://json-schema.org/draft/2020-12/schema", "properties": {"x": {"format": "date-time"}}}`, ""},
		{"a metaschema that asserts formats", `{"$id": "https://example.com/event.json", "$schema": "https://example.com/meta.json",
			"properties": {"x": {"format": "date-time"}}}`,
			`/x is "yesterday"; must have the format date-time, such as 2026-11-22T06:05:04Z`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			writeFiles(t, map[string]string{"event.json": tt.schema, "meta.json": asserting})
			s, err := New(Config{Schema: "event.json"})
			if err != nil {
				t.Fatal(err)
			}
			got := process(t, s, record).Record(0).Err()
			switch {
			case tt.want == "" && got != nil:
				t.Errorf("dead: %v", got)
			case tt.want != "" && (got == nil || len(got.Message) < len(tt.want) || got.Message[:len(tt.want)] != tt.want):
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}
