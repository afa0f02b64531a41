package schema

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

func (b *build) arrays() error {
	s := b.schema
	a := &arrayRule{least: integer(s.MinItems, 0), most: integer(s.MaxItems, -1), unique: s.UniqueItems, leastFound: 1, mostFound: -1}
	prefix, items := s.PrefixItems, s.Items2020
	switch v := s.Items.(type) {
	case *jsonschema.Schema:
		items = v
	case []*jsonschema.Schema:
		prefix = v
	}
	var err error
	if a.prefix, err = b.subs(prefix); err != nil {
		return err
	}
	if a.items, err = b.sub(items); err != nil {
		return err
	}
	if _, listed := s.Items.([]*jsonschema.Schema); listed {
		if a.items, err = b.additional(s.AdditionalItems); err != nil {
			return err
		}
	}
	if a.contains, err = b.sub(s.Contains); err != nil {
		return err
	}
	a.leastFound, a.mostFound = integer(s.MinContains, 1), integer(s.MaxContains, -1)
	switch a.items {
	case anything:
		a.items = nil
	case nothing:
		a.items = nil
		if a.most < 0 || a.most > len(prefix) {
			a.most = len(prefix)
		}
	}
	if a.items != nil || len(a.prefix) > 0 || a.contains != nil || a.unique || s.MinItems != nil || a.most >= 0 {
		b.rule.array = a
	}
	return nil
}

// nothing is the rule of additionalProperties: false and the like.
var nothing = &rule{memo: -1}

// additional returns the rule of a field that is nil, a bool or a schema.
func (b *build) additional(field any) (*rule, error) {
	switch v := field.(type) {
	case bool:
		if !v {
			return nothing, nil
		}
	case *jsonschema.Schema:
		return b.sub(v)
	}
	return nil, nil
}

// objects makes the rule about objects. The names that any of its keywords
// knows share one table.
func (b *build) objects() error {
	s := b.schema
	o := &objectRule{least: integer(s.MinProperties, 0), most: integer(s.MaxProperties, -1)}
	n := names{at: map[string]int{}}
	for _, name := range sortedKeys(s.Properties) {
		sub, err := b.sub(s.Properties[name])
		if err != nil {
			return err
		}
		n.member(name).rule = sub
	}
	for re, sub := range s.PatternProperties {
		r, err := b.sub(sub)
		if err != nil {
			return err
		}
		o.patterns = append(o.patterns, patternRule{key: newMatcher(re), rule: r})
	}
	var err error
	if o.additional, err = b.additional(s.AdditionalProperties); err != nil {
		return err
	}
	if o.names, err = b.sub(s.PropertyNames); err != nil {
		return err
	}
	if o.additional == anything {
		o.additional = nil
	}
	if o.names == anything {
		o.names = nil
	}
	o.required = n.set(s.Required)
	if err := b.dependents(o, &n); err != nil {
		return err
	}
	if len(n.names) > 0 {
		o.keys, o.members = newKeyTable(n.names), n.members
	}
	o.byName = o.keys != nil && len(o.patterns) == 0 && o.names == nil
	o.words = (n.bits + 63) / 64
	if o.keys != nil || len(o.patterns) > 0 || o.additional != nil || o.names != nil || s.MinProperties != nil || s.MaxProperties != nil {
		b.rule.object = o
	}
	return nil
}

func (b *build) dependents(o *objectRule, n *names) error {
	s := b.schema
	for _, name := range sortedKeys(s.DependentRequired) {
		o.dependents = append(o.dependents, dependent{bit: n.bit(name), required: n.set(s.DependentRequired[name])})
	}
	schemas := map[string]*jsonschema.Schema{}
	for _, name := range sortedKeys(s.Dependencies) {
		switch v := s.Dependencies[name].(type) {
		case []string:
			o.dependents = append(o.dependents, dependent{bit: n.bit(name), required: n.set(v)})
		case *jsonschema.Schema:
			schemas[name] = v
		}
	}
	for _, all := range []map[string]*jsonschema.Schema{schemas, s.DependentSchemas} {
		for _, name := range sortedKeys(all) {
			sub, err := b.sub(all[name])
			if err != nil {
				return err
			}
			o.dependents = append(o.dependents, dependent{bit: n.bit(name), rule: sub})
		}
	}
	return nil
}

// names collects the names that a schema knows.
type names struct {
	names   []string
	members []memberRule
	at      map[string]int
	bits    int
}

func (n *names) member(name string) *memberRule {
	i, known := n.at[name]
	if !known {
		i = len(n.names)
		n.at[name] = i
		n.names = append(n.names, name)
		n.members = append(n.members, memberRule{bit: -1})
	}
	return &n.members[i]
}

// bit returns the bit that notes a name.
func (n *names) bit(name string) int32 {
	m := n.member(name)
	if m.bit < 0 {
		m.bit = int32(n.bits)
		n.bits++
	}
	return m.bit
}

// set returns the bit set of some names.
func (n *names) set(list []string) (set []uint64) {
	for _, name := range list {
		bit := n.bit(name)
		for len(set) <= int(bit>>6) {
			set = append(set, 0)
		}
		set[bit>>6] |= 1 << (bit & 63)
	}
	return set
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
