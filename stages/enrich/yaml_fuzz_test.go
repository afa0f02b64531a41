package enrich

import (
	"encoding/json"
	"testing"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// FuzzStep holds that no YAML makes decoding a step panic, and that constants
// are JSON.
func FuzzStep(f *testing.F) {
	for _, step := range []string{
		`set: {a: 1, "b.c": "text", d: {x: [1, ~, 0x1F, .nan]}}`, `rename: {a: b}`, `remove: [a, 1]`, `filter: {keep: a}`,
		`lookup: {field: a, table: b, key: c, add: {d: e}, on_miss: null, default: {d: !!str 1}}`,
		`compute: {fields: {a: "b"}, on_error: skip}`, `{}`, `set: {}`, "compute:\n  a: |\n    b\n", `set: &x {a: *x}`, `<<: {a: b}`, `? [a]: b`, `set: {<<: b}`,
	} {
		f.Add(step)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parser.ParseBytes([]byte(text), 0)
		if err != nil {
			return
		}
		for _, doc := range file.Docs {
			decodeFuzzed(t, doc.Body)
		}
	})
}

func decodeFuzzed(t *testing.T, n ast.Node) {
	if n == nil {
		return
	}
	var step StepConfig
	if err := step.UnmarshalYAML(n); err != nil {
		t.Errorf("decoding fails: %v", err)
	}
	for _, c := range step.Set {
		if !json.Valid(c.Value) {
			t.Errorf("%s is %q, which is no JSON", c.Field, c.Value)
		}
	}
}
