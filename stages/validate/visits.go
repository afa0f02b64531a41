package validate

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
)

// The most visits of schemas to containers that one record may cost, beside
// visitsPerNode for each of its nodes. The library visits a value once for each
// way to it through the schema: where a schema refers to itself in two ways, a
// value at depth 30 a thousand million times.
const (
	maxTelling    = 10_000 // to say what is wrong; a visit that fails takes some 25 microseconds
	maxJudging    = 50_000 // to find a verdict
	visitsPerNode = 8
)

func visitLimit(most int, v pipeline.Value) int {
	_, nodes, _ := v.Index()
	return most + visitsPerNode*len(nodes)
}

// manyVisits is more than any limit.
const manyVisits = 1 << 40

// visits counts how often the library would visit the containers of one record,
// at most: it may pass over alternatives. For one goroutine.
type visits struct {
	known map[visit]int
}

type visit struct {
	schema *jsonschema.Schema
	at     uint32
}

// count returns the number of visits that a check of v takes. Time linear in the
// value's length for a schema.
func (c *visits) count(s *jsonschema.Schema, v pipeline.Value) int {
	if k := v.Kind(); s == nil || s.Bool != nil || k != pipeline.KindObject && k != pipeline.KindArray {
		return 0
	}
	_, _, at := v.Index()
	key := visit{s, at}
	if n, ok := c.known[key]; ok {
		return n
	}
	if c.known == nil {
		c.known = map[visit]int{}
	}
	c.known[key] = 0 // the library stops where a schema comes back to itself in place
	n := 1 + c.inPlace(s, v)
	if s.DraftVersion >= 2019 || s.Ref == nil {
		n += c.inParts(s, v)
	}
	n = min(n, manyVisits)
	c.known[key] = n
	return n
}

// inPlace counts the visits to the value itself by other schemas, and what these
// lead to.
func (c *visits) inPlace(s *jsonschema.Schema, v pipeline.Value) int {
	n := c.count(s.Ref, v)
	if s.DraftVersion < 2019 && s.Ref != nil {
		return n
	}
	n += c.count(s.RecursiveRef, v) + c.count(s.Not, v) + c.count(s.If, v) + max(c.count(s.Then, v), c.count(s.Else, v))
	if s.DynamicRef != nil {
		n += c.count(s.DynamicRef.Ref, v)
	}
	for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf} {
		for _, sub := range list {
			n = min(n+c.count(sub, v), manyVisits)
		}
	}
	for name, sub := range s.DependentSchemas {
		if v.Member(name).Exists() {
			n += c.count(sub, v)
		}
	}
	for name, field := range s.Dependencies {
		if sub, ok := field.(*jsonschema.Schema); ok && v.Member(name).Exists() {
			n += c.count(sub, v)
		}
	}
	return n
}

// inParts counts the visits to the members or items.
func (c *visits) inParts(s *jsonschema.Schema, v pipeline.Value) int {
	n, i := 0, 0
	for child := range v.Children() {
		if k := child.Kind(); k == pipeline.KindObject {
			n += c.part(s, child, i, v.Kind())
		} else if k == pipeline.KindArray {
			n += c.part(s, child, i, v.Kind())
		}
		n = min(n, manyVisits)
		i++
	}
	return n
}

func (c *visits) part(s *jsonschema.Schema, child pipeline.Value, i int, in pipeline.Kind) int {
	if in == pipeline.KindArray {
		return c.item(s, child, i)
	}
	return c.member(s, child)
}

func (c *visits) member(s *jsonschema.Schema, child pipeline.Value) int {
	key := child.Key()
	sub, taken := s.Properties[key]
	n := c.count(sub, child)
	for re, sub := range s.PatternProperties {
		if re.MatchString(key) {
			taken = true
			n += c.count(sub, child)
		}
	}
	if additional, ok := s.AdditionalProperties.(*jsonschema.Schema); ok && !taken {
		n += c.count(additional, child)
	}
	return n + c.count(s.UnevaluatedProperties, child)
}

func (c *visits) item(s *jsonschema.Schema, child pipeline.Value, i int) int {
	n := c.count(s.UnevaluatedItems, child)
	listed := s.PrefixItems
	if items, ok := s.Items.([]*jsonschema.Schema); ok {
		listed = items
	}
	if i < len(listed) {
		n += c.count(listed[i], child)
	}
	for _, ext := range s.Extensions {
		if a, ok := ext.(*arrays); ok {
			n += c.count(a.contains, child)
			if i >= a.from {
				n += c.count(a.items, child)
			}
		}
	}
	return n
}

// comesBack says whether a schema leads back to itself.
func comesBack(s *jsonschema.Schema) bool {
	const (
		open = 1 + iota
		done
	)
	state := map[*jsonschema.Schema]int{nil: done}
	var visit func(s *jsonschema.Schema) bool
	visit = func(s *jsonschema.Schema) bool {
		if state[s] != 0 {
			return state[s] == open
		}
		state[s] = open
		if slices.ContainsFunc(appendSubschemas(nil, s), visit) {
			return true
		}
		state[s] = done
		return false
	}
	return visit(s)
}
