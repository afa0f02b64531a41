package validate

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sluice/pipeline"
)

// writeFiles lays files out in a fresh folder and makes it the working
// directory, so that paths are what a user would type.
func writeFiles(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSchemaThatCannotBeUsedSaysWhereAndWhatToDo(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string // parts of the message
	}{
		{"a missing file is named as it was given", nil,
			[]string{"conf/event.json: there is no such file"}},
		{"an empty file says so", map[string]string{"conf/event.json": " \n"},
			[]string{"conf/event.json: the file is empty; expected a JSON Schema"}},
		{"a syntax error has line and column", map[string]string{"conf/event.json": "{\n  \"type\": \"object\",\n  \"minimum\" 5\n}"},
			[]string{"conf/event.json:3:13: not JSON: invalid character '5' after object key"}},
		{"a column counts characters", map[string]string{"conf/event.json": `{"é": x}`},
			[]string{"conf/event.json:1:7: not JSON"}},
		{"a cut-off file has the place of its end", map[string]string{"conf/event.json": "{\n\"a\": 1"},
			[]string{"conf/event.json:2:7: not JSON: the file ends in the middle of a value"}},
		{"text after the schema is an error", map[string]string{"conf/event.json": "{}\n{}"},
			[]string{"conf/event.json:2:1: not JSON: expected nothing after the schema"}},
		{"a wrong type name says which are right", map[string]string{"conf/event.json": `{"properties": {"id": {"type": "strnig"}}}`},
			[]string{`conf/event.json: not a valid schema: #/properties/id/type is "strnig"; must be one of "array", "boolean", "integer"`}},
		{"a wrong type name in draft 7", map[string]string{"conf/event.json": `{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"id": {"type": "strnig"}}}`},
			[]string{`conf/event.json: not a valid schema: #/properties/id/type is "strnig"; must be one of "array", "boolean", "integer"`}},
		{"a keyword of the wrong type says what it must be", map[string]string{"conf/event.json": `{"properties": {"id": {"minLength": "3"}}}`},
			[]string{"#/properties/id/minLength is a string; must be an integer"}},
		{"a schema that is no object", map[string]string{"conf/event.json": `[1]`},
			[]string{"conf/event.json: not a valid schema: # is an array; must be a boolean or an object"}},
		{"a lookahead says that it cannot be had", map[string]string{"conf/event.json": `{"properties": {"id": {"pattern": "^(?!x)"}}}`},
			[]string{`conf/event.json: the pattern "^(?!x)" at #/properties/id/pattern cannot be used`, "at character 2 is a lookahead"}},
		{"a lookahead in draft 7", map[string]string{"conf/event.json": `{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"id": {"pattern": "^(?!x)"}}}`},
			[]string{`the pattern "^(?!x)" at #/properties/id/pattern cannot be used`, "at character 2 is a lookahead"}},
		{"a backreference in patternProperties", map[string]string{"conf/event.json": `{"patternProperties": {"(a)\\1": {}}}`},
			[]string{`the pattern "(a)\\1" at #/patternProperties/(a)\1`, "cannot be used", "at character 4 is a backreference"}},
		{"a schema that refers to itself in place", map[string]string{"conf/event.json": `{"properties": {"x": {"anyOf": [{"type": "null"}, {"$ref": "#/properties/x"}]}}}`},
			[]string{"conf/event.json: the schema at #/properties/x refers to itself without a step into a property or an item"}},
		{"a $ref into nothing names who refers", map[string]string{"conf/event.json": `{"properties": {"user": {"$ref": "#/$defs/usr"}}, "$defs": {"user": {}}}`},
			[]string{`conf/event.json: $ref "#/$defs/usr" at #/properties/user/$ref cannot be resolved: there is no schema at #/$defs/usr in conf/event.json`}},
		{"a $ref to an anchor that is missing", map[string]string{"conf/event.json": `{"$id": "https://example.com/e.json", "items": {"$ref": "#usr"}}`},
			[]string{`$ref "#usr" at #/items/$ref cannot be resolved`}},
		{"a $ref to a missing file names both", map[string]string{"conf/event.json": `{"properties": {"user": {"$ref": "parts/user.json"}}}`},
			[]string{`conf/event.json: $ref "parts/user.json" at #/properties/user/$ref: conf/parts/user.json: there is no such file`}},
		{"a syntax error in another file names it", map[string]string{"conf/event.json": `{"$ref": "user.json"}`, "conf/user.json": "{\n]"},
			[]string{`$ref "user.json" at #/$ref: conf/user.json:2:1: not JSON`}},
		{"a keyword error in another file names it", map[string]string{"conf/event.json": `{"$ref": "../user.json"}`, "user.json": `{"required": true}`},
			[]string{`user.json: not a valid schema: #/required is a boolean; must be an array`}},
		{"a web address is not fetched", map[string]string{"conf/event.json": `{"properties": {"user": {"$ref": "https://example.com/user.json"}}}`},
			[]string{`conf/event.json: $ref "https://example.com/user.json" at #/properties/user/$ref: https://example.com/user.json is a web address, and nothing is fetched from a network: save that schema as a file beside conf/event.json`}},
		{"a web address through $id names the file to put there", map[string]string{"conf/event.json": `{"$id": "https://example.com/s/event.json", "$ref": "parts/user.json"}`},
			[]string{`https://example.com/s/parts/user.json is a web address through the schema's $id`, "conf/parts/user.json: there is no such file"}},
		{"an unknown draft lists those that are known", map[string]string{"conf/event.json": `{"$schema": "http://json-schema.org/draft-03/schema#"}`},
			[]string{`conf/event.json: $schema at #/$schema is "http://json-schema.org/draft-03/schema#"; must name a draft that is known: https://json-schema.org/draft/2020-12/schema`}},
		{"a number too large to check with", map[string]string{"conf/event.json": `{"properties": {"n": {"maximum": 1e999999999}}}`},
			[]string{"conf/event.json: the number at #/properties/n/maximum has more than 1000 digits or an exponent beyond 400"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			writeFiles(t, tt.files)
			_, err := New(Config{Schema: "conf/event.json"})
			config, ok := errors.AsType[*pipeline.ConfigError](err)
			if !ok {
				t.Fatalf("New returned %v, want a *pipeline.ConfigError", err)
			}
			if config.Key != "schema" {
				t.Errorf("the key is %q, want schema", config.Key)
			}
			for _, want := range tt.want {
				if !strings.Contains(config.Message, want) {
					t.Errorf("message:\n%s\nlacks:\n%s", config.Message, want)
				}
			}
			if wd, _ := os.Getwd(); strings.Contains(config.Message, wd) || strings.Contains(config.Message, "file://") {
				t.Errorf("the message has a path that the user did not give:\n%s", config.Message)
			}
		})
	}
}

func TestSchemaIsFoundWhereItsReferencesLead(t *testing.T) {
	user := `{"type": "object", "required": ["id"], "$defs": {"id": {"$anchor": "id", "type": "integer"}}}`
	tests := []struct {
		name  string
		files map[string]string
	}{
		{"beside the schema", map[string]string{"conf/event.json": `{"properties": {"user": {"$ref": "user.json"}}}`, "conf/user.json": user}},
		{"in a folder above", map[string]string{"conf/event.json": `{"properties": {"user": {"$ref": "../user.json"}}}`, "user.json": user}},
		{"in a folder with a space and a hash", map[string]string{"conf/event.json": `{"properties": {"user": {"$ref": "a%20%23b/user.json"}}}`, "conf/a #b/user.json": user}},
		{"below the web address that $id gives", map[string]string{
			"conf/event.json":      `{"$id": "https://example.com/s/event.json", "properties": {"user": {"$ref": "parts/user.json"}}}`,
			"conf/parts/user.json": user}},
		{"at its $id although that is a web address", map[string]string{
			"conf/event.json": `{"$id": "https://example.com/s/event.json", "properties": {"user": {"$ref": "https://example.com/s/event.json#/$defs/u"}}, "$defs": {"u": ` + user + `}}`}},
		{"through a byte order mark", map[string]string{"conf/event.json": "\xef\xbb\xbf" + `{"properties": {"user": ` + user + `}}`}},
		{"in a metaschema", map[string]string{"conf/event.json": `{"properties": {"user": {"required": ["id"]}, "s": {"$ref": "https://json-schema.org/draft/2020-12/schema"}}}`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			writeFiles(t, tt.files)
			s, err := New(Config{Schema: "conf/event.json"})
			if err != nil {
				t.Fatal(err)
			}
			b := process(t, s, `{"user": {"id": 7}}`, `{"user": {}}`)
			if !b.Record(0).Live() {
				t.Errorf("a record that fits is dead: %v", b.Record(0).Err())
			}
			if err := b.Record(1).Err(); err == nil || err.Pointer != "/user" {
				t.Errorf("a record without /user/id has %v", err)
			}
		})
	}
}

// The depth is the source's setting and is reported under its key; a second
// report here would name a key that does not exist and hide the schema's.
func TestDepthOutOfRangeIsNoMistakeOfTheStage(t *testing.T) {
	for _, depth := range []int{-1, 0, MaxDepthLimit + 1, 1_000_000_000} {
		if _, err := New(Config{MaxDepth: depth}); err != nil {
			t.Errorf("MaxDepth %d gives %v, want no error", depth, err)
		}
		_, err := New(Config{MaxDepth: depth, Schema: "missing.json"})
		if config, ok := errors.AsType[*pipeline.ConfigError](err); !ok || config.Key != "schema" {
			t.Errorf("MaxDepth %d and a missing schema give %v, want the schema's mistake", depth, err)
		}
	}
}

func TestDepthIsBoundedWhateverIsAskedFor(t *testing.T) {
	s, err := New(Config{MaxDepth: 1_000_000_000})
	if err != nil {
		t.Fatal(err)
	}
	nested := func(n int) string { return `{"a":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "}" }
	b := process(t, s, nested(MaxDepthLimit), nested(MaxDepthLimit+1))
	if !b.Record(0).Live() {
		t.Errorf("a record as deep as the limit is dead: %v", b.Record(0).Err())
	}
	if err := b.Record(1).Err(); err == nil || err.Code != pipeline.CodeTooDeep {
		t.Errorf("a record deeper than the limit has %v, want too_deep", err)
	}
}
