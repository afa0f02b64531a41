package validate

import (
	"errors"
	"strings"
	"testing"

	"sluice/pipeline"
)

func TestSchemaIsChosenByAField(t *testing.T) {
	writeFiles(t, map[string]string{
		"order.json":  `{"required": ["id"], "properties": {"n": {"type": "integer"}}}`,
		"refund.json": `{"properties": {"n": {"type": "string"}}}`,
	})
	schemas := &Schemas{By: "kind.name", Map: map[string]string{"order": "order.json", "refund": "refund.json", "1": "refund.json"}}
	tests := []struct {
		name, record  string
		reject, pass  string // the messages with either default, "" for none
		rejectPointer string
	}{
		{"a record that fits its schema", `{"kind": {"name": "order"}, "id": 1, "n": 1}`, "", "", ""},
		{"a value with escapes", `{"kind": {"name": "\u006frder"}, "id": 1, "n": "x"}`, "/n is a string; must be an integer", "/n is a string; must be an integer", "/n"},
		{"another schema", `{"kind": {"name": "refund"}, "n": 1}`, "/n is a number; must be a string", "/n is a number; must be a string", "/n"},
		{"a number by its spelling", `{"kind": {"name": 1}, "n": 1}`, "/n is a number; must be a string", "/n is a number; must be a string", "/n"},
		{"a value that is unknown", `{"kind": {"name": "return"}}`, `/kind/name is "return"; it chooses the schema and must be one of "1", "order", "refund"`, "", "/kind/name"},
		{"a value of another kind", `{"kind": {"name": null}}`, `/kind/name is null; it chooses`, "", "/kind/name"},
		{"no such field", `{"name": "order"}`, `/kind/name is missing; it chooses`, "", "/kind/name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for behaviour, want := range map[UnknownSchema]string{"": tt.reject, UnknownReject: tt.reject, UnknownPass: tt.pass} {
				schemas.Default = behaviour
				s, err := New(Config{Schemas: schemas})
				if err != nil {
					t.Fatal(err)
				}
				got := process(t, s, tt.record).Record(0).Err()
				if want == "" && got != nil || want != "" && (got == nil || !strings.HasPrefix(got.Message, want) || got.Code != pipeline.CodeSchema || got.Pointer != tt.rejectPointer) {
					t.Errorf("default %q: %v, want %s", behaviour, got, want)
				}
			}
		})
	}
}

func TestChoiceOfASchemaAllocatesNothing(t *testing.T) {
	writeFiles(t, map[string]string{"order.json": `{"properties": {"n": {"type": "integer"}}}`})
	s, err := New(Config{Schemas: &Schemas{By: "kind", Map: map[string]string{"order": "order.json"}}})
	if err != nil {
		t.Fatal(err)
	}
	root := index(t, []byte(`{"kind": "order", "n": 1}`))
	if n := testing.AllocsPerRun(100, func() {
		if s.checker.Check(root) != nil {
			t.Error("does not fit")
		}
	}); n > 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func TestMistakesOfTheSchemasAreToldTogether(t *testing.T) {
	writeFiles(t, map[string]string{"a.json": `{`})
	_, err := New(Config{
		Schemas: &Schemas{By: "", Map: map[string]string{"a.b": "a.json", "c": "c.json"}, Default: "drop"},
		Options: Options{Format: "yes", Draft: "3", Remotes: map[string]string{"example.com": "x", "https://example.com/": ""}},
		Errors:  "some",
	})
	for _, want := range []string{"schemas.by: ", `schemas.default: "drop"; expected reject or pass`, `schemas.map."a.b": a.json:1:2: not JSON`, "schemas.map.c: c.json: there is no such file",
		`format: "yes"; expected annotate or assert`, `draft: "3"`, `remotes: "example.com"; expected the beginning`, "remotes: https://example.com/ has no folder", `errors: "some"; expected first or all`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not said: %s\nin %v", want, err)
		}
	}
	_, err = New(Config{Schema: "a.json", Schemas: &Schemas{}})
	if mistake, ok := errors.AsType[*pipeline.ConfigError](err); !ok || mistake.Key != "schemas" {
		t.Errorf("schema beside schemas: %v", err)
	}
}

func TestAllFailuresBeginWithTheOneThatIsToldAlone(t *testing.T) {
	writeFiles(t, map[string]string{"s.json": `{"required": ["a", "b"], "properties": {"x": {"anyOf": [{"type": "null"}, {"properties": {"y": {"type": "string"}}}]},
		"l": {"uniqueItems": true, "items": {"minimum": 2}}, "u": {"unevaluatedProperties": {"type": "null"}}}, "patternProperties": {"^z": false}}`})
	record := `{"x": {"y": 1}, "l": [1, 2, 1, 0], "z1": 1, "z2": 2, "u": {"p": 1, "q": 2}}`
	first, err := New(Config{Schema: "s.json"})
	if err != nil {
		t.Fatal(err)
	}
	every, err := New(Config{Schema: "s.json", Errors: ErrorsAll})
	if err != nil {
		t.Fatal(err)
	}
	one, all := process(t, first, record).Record(0).Err(), process(t, every, record).Record(0).Err()
	if one.Message != all.Message || one.Pointer != all.Pointer {
		t.Errorf("alone it is %v, among all %v", one, all)
	}
	list := string(all.Err.(*Failure).AppendErrors(nil))
	for _, want := range []string{`required properties \"a\", \"b\" are missing`, `/l has equal items at 0 and 2`, `"pointer":"/l/0"`, `"pointer":"/l/3"`, `"pointer":"/z1"`, `"pointer":"/z2"`, `"pointer":"/x/y"`, `"pointer":"/u/p"`, `"pointer":"/u/q"`} {
		if strings.Count(list, want) != 1 {
			t.Errorf("%s stands there %d times, want once, in\n%s", want, strings.Count(list, want), list)
		}
	}
	if alone := one.Err.(*Failure); alone.Others != nil || alone.More != 0 {
		t.Errorf("the first alone has others: %v", alone.Others)
	}
}
