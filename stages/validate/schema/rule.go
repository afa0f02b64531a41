package schema

import (
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
)

// rule is one schema, made for checking.
type rule struct {
	kinds kindSet // what the value may be; others do not fit
	plain kindSet // what fits without a look at more than the kind
	whole bool    // numbers must be integers
	memo  int32   // which rule it is among those whose verdicts are kept, -1 for none

	enums  []*enumRule
	number *numberRule
	text   *textRule
	object *objectRule
	array  *arrayRule
	place  *placeRule
	slow   bool // the library checks it instead of all else

	schema *jsonschema.Schema // what it was made of
	alone  *rule              // what it asks of the value itself, nil where that is all
}

// placeRule is what a schema asks by other schemas for the value itself.
type placeRule struct {
	all            []*rule
	any            []*rule
	one            []*rule
	not            *rule
	cond, then, or *rule
}

// settle finds what is plain, when the rule is complete.
func (c *rule) settle() {
	for _, e := range c.enums {
		c.kinds &= e.kinds
	}
	c.plain = c.kinds
	without := func(present bool, kinds kindSet) {
		if present {
			c.plain &^= kinds
		}
	}
	without(c.enums != nil || c.place != nil || c.slow, setAll)
	without(c.whole, setOf(pipeline.KindNumber))
	without(c.number != nil, setNumber)
	without(c.text != nil, setOf(pipeline.KindString))
	without(c.object != nil, setOf(pipeline.KindObject))
	without(c.array != nil, setOf(pipeline.KindArray))
}

// fits says whether the value at a node fits the rule.
func (r *run) fits(c *rule, at uint32) bool {
	n := &r.nodes[at]
	k := kindOf(n)
	if c.plain.has(k) {
		return true
	}
	if !c.kinds.has(k) {
		return false
	}
	if c.memo >= 0 && (k == pipeline.KindObject || k == pipeline.KindArray) {
		return r.remembered(c, at)
	}
	return r.check(c, at, k)
}

// check is fits for a value of a kind that the rule takes but looks into.
func (r *run) check(c *rule, at uint32, k pipeline.Kind) bool {
	if c.slow {
		fits, known := r.reference.Fits(c.schema, r.value(at))
		r.unknown = r.unknown || !known
		return fits && known
	}
	switch k {
	case pipeline.KindString:
		if c.text != nil && !r.text(c.text, at) {
			return false
		}
	case kindInteger, pipeline.KindNumber:
		n := &r.nodes[at]
		text := r.src[n.Start:n.End]
		if c.whole && k == pipeline.KindNumber && !parseDecimal(text).whole() {
			return false
		}
		if c.number != nil && !c.number.fits(text) {
			return false
		}
	case pipeline.KindObject:
		if c.object != nil && !r.object(c.object, at) {
			return false
		}
	case pipeline.KindArray:
		if c.array != nil && !r.array(c.array, at) {
			return false
		}
	}
	for _, e := range c.enums {
		if !r.among(e, at, k) {
			return false
		}
	}
	return c.place == nil || r.place(c.place, at)
}

// place checks a value against the schemas that apply to it in its place.
func (r *run) place(c *placeRule, at uint32) bool {
	for _, sub := range c.all {
		if !r.fits(sub, at) {
			return false
		}
	}
	if c.any != nil && !r.fitsAny(c.any, at) {
		return false
	}
	if c.one != nil && !r.fitsOne(c.one, at) {
		return false
	}
	if c.not != nil && r.fits(c.not, at) {
		return false
	}
	if c.cond == nil {
		return true
	}
	next := c.or
	if r.fits(c.cond, at) {
		next = c.then
	}
	return next == nil || r.fits(next, at)
}

func (r *run) fitsAny(rules []*rule, at uint32) bool {
	for _, sub := range rules {
		if r.fits(sub, at) {
			return true
		}
	}
	return false
}

func (r *run) fitsOne(rules []*rule, at uint32) bool {
	found := false
	for _, sub := range rules {
		if r.fits(sub, at) {
			if found {
				return false
			}
			found = true
		}
	}
	return found
}
