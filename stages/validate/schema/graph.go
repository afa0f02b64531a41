package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// CycleError says that a schema refers to itself without a step into the value,
// so that no check of a value would end.
type CycleError struct {
	Location string // URL of one of the schemas on the way, with its pointer
}

// Error implements error.
func (e *CycleError) Error() string {
	return fmt.Sprintf("the schema at %s refers to itself without a step into a property or item, so that checking a value would not end", e.Location)
}

// graph is the schemas that one leads to.
type graph struct {
	schemas  []*jsonschema.Schema // the first is the one it began with
	repeated map[*jsonschema.Schema]bool
	dynamic  string // the place of a reference that depends on how it is reached, "" for none
}

func newGraph(s *jsonschema.Schema, document func(string) any) *graph {
	g := &graph{}
	seen := map[*jsonschema.Schema]bool{s: true}
	g.schemas = append(g.schemas, s)
	for i := 0; i < len(g.schemas); i++ {
		for _, sub := range append(applied(g.schemas[i]), parts(g.schemas[i])...) {
			if !seen[sub] {
				seen[sub] = true
				g.schemas = append(g.schemas, sub)
			}
		}
	}
	g.findDynamic(document)
	return g
}

// applied returns the schemas that s applies to the value itself.
func applied(s *jsonschema.Schema) []*jsonschema.Schema {
	list := []*jsonschema.Schema{s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else}
	if s.DynamicRef != nil {
		list = append(list, s.DynamicRef.Ref)
	}
	list = append(append(append(list, s.AllOf...), s.AnyOf...), s.OneOf...)
	for _, name := range sortedKeys(s.DependentSchemas) {
		list = append(list, s.DependentSchemas[name])
	}
	for _, name := range sortedKeys(s.Dependencies) {
		list = appendField(list, s.Dependencies[name])
	}
	return withoutNil(list)
}

// parts returns the schemas that s applies to what the value holds.
func parts(s *jsonschema.Schema) []*jsonschema.Schema {
	list := []*jsonschema.Schema{s.PropertyNames, s.UnevaluatedProperties, s.Contains, s.Items2020, s.UnevaluatedItems, s.ContentSchema}
	list = append(list, s.PrefixItems...)
	for _, name := range sortedKeys(s.Properties) {
		list = append(list, s.Properties[name])
	}
	for _, sub := range s.PatternProperties {
		list = append(list, sub)
	}
	list = appendField(appendField(appendField(list, s.AdditionalProperties), s.Items), s.AdditionalItems)
	return withoutNil(list)
}

func appendField(list []*jsonschema.Schema, field any) []*jsonschema.Schema {
	switch v := field.(type) {
	case *jsonschema.Schema:
		return append(list, v)
	case []*jsonschema.Schema:
		return append(list, v...)
	}
	return list
}

func withoutNil(list []*jsonschema.Schema) []*jsonschema.Schema {
	kept := list[:0]
	for _, s := range list {
		if s != nil {
			kept = append(kept, s)
		}
	}
	return kept
}

// findDynamic looks for references whose target depends on the way to them.
// Where all schemas belong to one resource there are none: a dynamic reference
// then leads where a plain one would.
func (g *graph) findDynamic(document func(string) any) {
	place := ""
	for _, s := range g.schemas {
		if s.RecursiveRef != nil && s.RecursiveRef.RecursiveAnchor {
			place = s.Location + "/$recursiveRef"
		}
		if d := s.DynamicRef; d != nil && d.Anchor != "" && d.Ref.DynamicAnchor == d.Anchor {
			place = s.Location + "/$dynamicRef"
		}
	}
	if place != "" && !g.oneResource(document) {
		g.dynamic = place
	}
}

func (g *graph) oneResource(document func(string) any) bool {
	first, _, _ := strings.Cut(g.schemas[0].Location, "#")
	for _, s := range g.schemas {
		if url, _, _ := strings.Cut(s.Location, "#"); url != first {
			return false
		}
	}
	if document == nil {
		return false
	}
	root, ok := document(first).(map[string]any)
	if !ok {
		return false
	}
	for _, v := range root {
		if hasID(v) {
			return false
		}
	}
	return true
}

// hasID says whether there may be an identifier in a part of a document.
func hasID(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, sub := range v {
			if key == "$id" || hasID(sub) {
				return true
			}
		}
	case []any:
		if slices.ContainsFunc(v, hasID) {
			return true
		}
	}
	return false
}

// findCycle looks for a schema that comes back to itself for the same value.
func (g *graph) findCycle() error {
	const (
		open = 1 + iota
		done
	)
	state := map[*jsonschema.Schema]int{}
	var visit func(s *jsonschema.Schema) error
	visit = func(s *jsonschema.Schema) error {
		switch state[s] {
		case open:
			return &CycleError{Location: s.Location}
		case done:
			return nil
		}
		state[s] = open
		for _, sub := range applied(s) {
			if s.DynamicRef != nil && sub == s.DynamicRef.Ref && g.dynamic != "" {
				continue // it may lead elsewhere
			}
			if err := visit(sub); err != nil {
				return err
			}
		}
		state[s] = done
		return nil
	}
	for _, s := range g.schemas {
		if err := visit(s); err != nil {
			return err
		}
	}
	return nil
}

// findRepeated finds the schemas that lead back to themselves through the value
// and that more than one other refers to: of those a verdict is kept.
func (g *graph) findRepeated() {
	g.repeated = map[*jsonschema.Schema]bool{}
	group := components(g.schemas)
	from := map[*jsonschema.Schema]int{}
	size := map[int]int{}
	for _, s := range g.schemas {
		size[group[s]]++
	}
	for _, s := range g.schemas {
		for _, sub := range append(applied(s), parts(s)...) {
			if group[sub] == group[s] && size[group[s]] > 1 {
				from[sub]++
			}
		}
	}
	for s, n := range from {
		if n > 1 {
			g.repeated[target(s)] = true
		}
	}
}

// components numbers the strongly connected components (Tarjan, Depth-First
// Search and Linear Graph Algorithms, 1972).
func components(schemas []*jsonschema.Schema) map[*jsonschema.Schema]int {
	type mark struct{ index, low int }
	marks := map[*jsonschema.Schema]*mark{}
	group := map[*jsonschema.Schema]int{}
	var stack []*jsonschema.Schema
	var visit func(s *jsonschema.Schema) *mark
	visit = func(s *jsonschema.Schema) *mark {
		m := &mark{len(marks), len(marks)}
		marks[s] = m
		stack = append(stack, s)
		for _, sub := range append(applied(s), parts(s)...) {
			if other, seen := marks[sub]; !seen {
				m.low = min(m.low, visit(sub).low)
			} else if _, closed := group[sub]; !closed {
				m.low = min(m.low, other.index)
			}
		}
		if m.low == m.index {
			for {
				last := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				group[last] = m.index
				if last == s {
					break
				}
			}
		}
		return m
	}
	for _, s := range schemas {
		if marks[s] == nil {
			visit(s)
		}
	}
	return group
}
