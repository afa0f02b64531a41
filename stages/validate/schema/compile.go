package schema

import (
	"fmt"
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// Compiler makes programs of schemas that the library compiled. Programs share
// the rules of the schemas that they have in common. For one goroutine.
type Compiler struct {
	// Reference checks what programs leave to the library.
	Reference Reference
	// Format returns the check of a format that is asserted; nil leaves the
	// schema to the library. It may be nil.
	Format func(name string) func(text []byte) bool
	// Document returns the decoded schema document at a URL, or nil. It may be
	// nil: then no dynamic reference is known to be static.
	Document func(url string) any

	rules map[*jsonschema.Schema]*rule
	slow  map[*jsonschema.Schema]string // the keyword for which the library checks it
	memos int32
}

// Compile makes the program of s. The error is a *CycleError, or says which
// value of the schema cannot be read.
func (c *Compiler) Compile(s *jsonschema.Schema) (*Program, error) {
	if c.rules == nil {
		c.rules = map[*jsonschema.Schema]*rule{}
		c.slow = map[*jsonschema.Schema]string{}
	}
	g := newGraph(s, c.Document)
	if err := g.findCycle(); err != nil {
		return nil, err
	}
	if g.dynamic != "" {
		root := &rule{kinds: setAll, slow: true, schema: s, memo: -1}
		root.settle()
		return &Program{root: root, reference: c.Reference, slow: []string{g.dynamic}}, nil
	}
	g.findRepeated()
	root, err := c.rule(s, g)
	if err != nil {
		return nil, err
	}
	p := &Program{root: root, reference: c.Reference}
	for _, s := range g.schemas {
		if keyword, ok := c.slow[s]; ok {
			p.slow = append(p.slow, s.Location+"/"+keyword)
		}
	}
	slices.Sort(p.slow)
	return p, nil
}

// anything takes all values.
var anything = &rule{kinds: setAll, plain: setAll, memo: -1}

// rule returns the rule of a schema, nil for nil.
func (c *Compiler) rule(s *jsonschema.Schema, g *graph) (*rule, error) {
	if s == nil {
		return nil, nil
	}
	s = target(s)
	if s.Bool != nil && *s.Bool {
		return anything, nil
	}
	if known, ok := c.rules[s]; ok {
		return known, nil
	}
	made := &rule{kinds: setAll, memo: -1, schema: s}
	c.rules[s] = made
	if s.Bool != nil {
		made.kinds = 0
		return made, nil
	}
	if g.repeated[s] {
		made.memo = c.memos
		c.memos++
	}
	b := build{compiler: c, graph: g, schema: s, rule: made}
	if err := b.all(); err != nil {
		return nil, fmt.Errorf("%s: %w", s.Location, err)
	}
	made.settle()
	made.alone = made.withoutParts()
	return made, nil
}

// target follows a schema that is a reference and nothing else.
func target(s *jsonschema.Schema) *jsonschema.Schema {
	for s.Ref != nil && isReference(s) {
		s = s.Ref
	}
	return s
}

// isReference says whether a schema with a $ref asks nothing beside it. Up to
// draft 7 the library reads nothing beside it.
func isReference(s *jsonschema.Schema) bool {
	return s.DraftVersion < 2019 || s.Types == nil && s.Enum == nil && s.Const == nil && s.Format == nil &&
		len(applied(s)) == 1 && len(parts(s)) == 0 && len(s.Required) == 0 && len(s.DependentRequired) == 0 && s.Pattern == nil &&
		allNil(s.MinProperties, s.MaxProperties, s.MinItems, s.MaxItems, s.MinLength, s.MaxLength) &&
		allNil(s.Maximum, s.Minimum, s.ExclusiveMaximum, s.ExclusiveMinimum, s.MultipleOf) &&
		!s.UniqueItems && s.AdditionalProperties == nil && s.AdditionalItems == nil && len(s.Extensions) == 0 && libraryKeyword(s) == ""
}

func allNil[T any](values ...*T) bool {
	return !slices.ContainsFunc(values, func(v *T) bool { return v != nil })
}

// libraryKeyword returns the keyword of a schema that only the library checks,
// "" for none.
func libraryKeyword(s *jsonschema.Schema) string {
	switch {
	case s.UnevaluatedProperties != nil:
		return "unevaluatedProperties"
	case s.UnevaluatedItems != nil:
		return "unevaluatedItems"
	case s.ContentEncoding != nil:
		return "contentEncoding"
	case s.ContentMediaType != nil:
		return "contentMediaType"
	}
	return ""
}

// build makes one rule.
type build struct {
	compiler *Compiler
	graph    *graph
	schema   *jsonschema.Schema
	rule     *rule
}

func (b *build) sub(s *jsonschema.Schema) (*rule, error) { return b.compiler.rule(s, b.graph) }

func (b *build) subs(list []*jsonschema.Schema) ([]*rule, error) {
	var rules []*rule
	for _, s := range list {
		r, err := b.sub(s)
		if err != nil {
			return nil, err
		}
		rules = append(rules, r)
	}
	return rules, nil
}

// leave gives the schema to the library because of a keyword.
func (b *build) leave(keyword string) {
	b.rule.slow = true
	b.compiler.slow[b.schema] = keyword
}

func (b *build) all() error {
	s := b.schema
	if keyword := libraryKeyword(s); keyword != "" {
		b.leave(keyword)
		return nil
	}
	if s.Types != nil && !s.Types.IsEmpty() {
		b.types()
	}
	for _, step := range []func() error{b.values, b.strings, b.numbers, b.objects, b.arrays, b.places} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (b *build) types() {
	names := b.schema.Types.ToStrings()
	b.rule.kinds = 0
	for _, name := range names {
		b.rule.kinds |= kindsByName[name]
	}
	b.rule.whole = slices.Contains(names, "integer") && !slices.Contains(names, "number")
}

func (b *build) values() (err error) {
	s := b.schema
	var lists [][]any
	if s.Enum != nil {
		lists = append(lists, s.Enum.Values)
	}
	if s.Const != nil {
		lists = append(lists, []any{*s.Const})
	}
	for _, values := range lists {
		e, err := newEnum(values)
		if err != nil {
			return err
		}
		b.rule.enums = append(b.rule.enums, e)
	}
	return nil
}

func (b *build) strings() error {
	s := b.schema
	t := &textRule{least: integer(s.MinLength, 0), most: integer(s.MaxLength, -1)}
	if s.Pattern != nil {
		t.pattern = newMatcher(s.Pattern)
	}
	if s.Format != nil {
		if c := b.compiler; c.Format != nil {
			t.format = c.Format(s.Format.Name)
		}
		if t.format == nil {
			b.leave("format")
			return nil
		}
	}
	if s.MinLength != nil || s.MaxLength != nil || t.pattern != nil || t.format != nil {
		b.rule.text = t
	}
	return nil
}

func integer(n *int, otherwise int) int {
	if n == nil {
		return otherwise
	}
	return *n
}

func (b *build) numbers() error {
	s := b.schema
	n := new(numberRule)
	if s.Minimum != nil {
		n.least = newBound(s.Minimum, false)
	}
	if s.ExclusiveMinimum != nil {
		n.least = stricter(n.least, newBound(s.ExclusiveMinimum, true), 1)
	}
	if s.Maximum != nil {
		n.most = newBound(s.Maximum, false)
	}
	if s.ExclusiveMaximum != nil {
		n.most = stricter(n.most, newBound(s.ExclusiveMaximum, true), -1)
	}
	if s.MultipleOf != nil {
		n.multiple = newDivisor(s.MultipleOf)
	}
	if *n != (numberRule{}) {
		b.rule.number = n
	}
	return nil
}

func (b *build) places() error {
	s := b.schema
	p := new(placeRule)
	all := slices.Clone(s.AllOf)
	for _, ref := range []*jsonschema.Schema{s.Ref, s.RecursiveRef} {
		if ref != nil {
			all = append(all, ref)
		}
	}
	if s.DynamicRef != nil {
		all = append(all, s.DynamicRef.Ref)
	}
	var err error
	if p.all, err = b.subs(all); err != nil {
		return err
	}
	if p.any, err = b.subs(s.AnyOf); err != nil {
		return err
	}
	if p.one, err = b.subs(s.OneOf); err != nil {
		return err
	}
	for to, sub := range map[**rule]*jsonschema.Schema{&p.not: s.Not, &p.cond: s.If, &p.then: s.Then, &p.or: s.Else} {
		if *to, err = b.sub(sub); err != nil {
			return err
		}
	}
	p.all = slices.DeleteFunc(p.all, func(r *rule) bool { return r == anything })
	if p.all != nil || p.any != nil || p.one != nil || p.not != nil || p.cond != nil {
		b.rule.place = p
	}
	return nil
}
