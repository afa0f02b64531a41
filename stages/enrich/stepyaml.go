package enrich

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"sluice/stages/enrich/table"
	"sluice/stages/nearest"
)

// UnmarshalYAML reads a step. It does not fail: what is wrong is reported by
// Config.Validate, together with everything else.
func (c *StepConfig) UnmarshalYAML(n ast.Node) error {
	*c = StepConfig{}
	d := decoder{problems: &c.problems}
	entries := d.mapping(n, "")
	if len(entries) == 0 {
		return nil
	}
	c.name = keyText(entries[0])
	if len(entries) > 1 {
		d.bad(entries[1].Key, "", "a step has one name, found %s and %s; write each step as a list item of its own",
			c.name, keyText(entries[1]))
	}
	value := entries[0].Value
	switch c.name {
	case "set":
		c.Set = d.constants(value, "set")
	case "rename":
		for _, p := range d.pairs(value, "rename") {
			c.Rename = append(c.Rename, Renaming{From: p[0], To: p[1]})
		}
	case "remove":
		c.Remove = d.texts(value, "remove")
	case "filter":
		c.Filter = d.filter(value)
	case "lookup":
		c.Lookup = d.lookup(value)
	case "compute":
		c.Compute = d.compute(value)
	default:
		d.bad(entries[0].Key, "", "unknown step %s%s (steps are %s)",
			c.name, nearest.Hint(c.name, stepNames), strings.Join(stepNames, ", "))
	}
	return nil
}

func (d decoder) constants(n ast.Node, key string) []Constant {
	var constants []Constant
	for _, e := range d.mapping(n, key) {
		c := Constant{Field: keyText(e)}
		value, err := appendJSON(nil, e.Value)
		if err != nil {
			d.bad(e.Value, key+"."+c.Field, "%v", err)
			value = []byte("null")
		}
		c.Value = value
		constants = append(constants, c)
	}
	return constants
}

func (d decoder) filter(n ast.Node) *FilterConfig {
	f := &FilterConfig{}
	switch plain(n).(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
	default:
		f.Keep = d.text(n, "filter")
		return f
	}
	d.options(n, "filter", map[string]func(ast.Node, string){
		"keep": func(n ast.Node, key string) { f.Keep = d.text(n, key) },
		"drop": func(n ast.Node, key string) { f.Drop = d.text(n, key) },
	})
	return f
}

func (d decoder) lookup(n ast.Node) *LookupConfig {
	l := &LookupConfig{}
	d.options(n, "lookup", map[string]func(ast.Node, string){
		"field": func(n ast.Node, key string) { l.Field = d.text(n, key) },
		"table": func(n ast.Node, key string) { l.Table = d.text(n, key) },
		"key":   func(n ast.Node, key string) { l.Key = d.text(n, key) },
		"add": func(n ast.Node, key string) {
			for _, p := range d.pairs(n, key) {
				l.Add = append(l.Add, Addition{Field: p[0], Column: p[1]})
			}
		},
		"on_miss": func(n ast.Node, key string) { l.OnMiss = OnMiss(d.word(n, key, "null", "default", "dead")) },
		"default": func(n ast.Node, key string) { l.Default = d.constants(n, key) },
		"types": func(n ast.Node, key string) {
			l.Types = map[string]table.Type{}
			for _, p := range d.pairs(n, key) {
				l.Types[p[0]] = table.Type(p[1])
			}
		},
	})
	return l
}

// compute reads both forms: a map of fields, or, when it has a key fields that
// is itself a map, that one beside options. A field can have any name in the
// long form.
func (d decoder) compute(n ast.Node) *ComputeConfig {
	c := &ComputeConfig{}
	if !isLongCompute(n) {
		c.Fields = d.computations(n, "compute")
		for _, f := range c.Fields {
			if f.Field == "on_error" && slices.Contains([]string{"skip", "null", "dead"}, f.Expression) {
				d.bad(n, "compute.on_error", "it stands among the fields; write compute: {fields: {...}, on_error: %s}", f.Expression)
			}
		}
		return c
	}
	d.options(n, "compute", map[string]func(ast.Node, string){
		"fields": func(n ast.Node, key string) { c.Fields = d.computations(n, key) },
		"on_error": func(n ast.Node, key string) {
			if word := d.word(n, key, "skip", "null", "dead"); word != "dead" {
				c.OnError = OnError(word)
			}
		},
	})
	return c
}

func isLongCompute(n ast.Node) bool {
	m, ok := plain(n).(*ast.MappingNode)
	if !ok {
		return false
	}
	return slices.ContainsFunc(m.Values, func(e *ast.MappingValueNode) bool {
		_, isMap := plain(e.Value).(*ast.MappingNode)
		return keyText(e) == "fields" && isMap
	})
}

func (d decoder) computations(n ast.Node, key string) []Computation {
	var fields []Computation
	for _, e := range d.mapping(n, key) {
		name := keyText(e)
		expression := "null"
		if _, ok := e.Value.(*ast.NullNode); !ok || name != "on_error" {
			expression = d.text(e.Value, key+"."+name)
		}
		fields = append(fields, Computation{Field: name, Expression: expression})
	}
	return fields
}
