package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
)

// Fault is a reason why a value does not fit. Where Missing and Extra are nil,
// Value does not fit Schema by what that asks of the value itself; why, the
// library can say.
type Fault struct {
	Schema  *jsonschema.Schema
	Path    []string // the unescaped keys and indexes that lead to Value
	Value   pipeline.Value
	Missing []string // required properties that Value lacks
	Extra   []string // properties that additionalProperties: false refuses
}

// Faults returns why a value does not fit, as close to the places at fault as
// the rules lead without a choice: past properties, items and what all must
// hold, not into alternatives. Of an array's items it tells the first. It
// returns nothing for what fits. Time is linear in the value's length.
func (p *Program) Faults(v pipeline.Value) []Fault {
	src, nodes, at := v.Index()
	f := faults{run: run{src: src, nodes: nodes, reference: p.reference}}
	if int(at) < len(nodes) {
		f.find(p.root, at)
	}
	f.run.end()
	return f.found
}

// EveryFault is Faults with those of all of an array's items; of more than most
// the rest are counted.
func (p *Program) EveryFault(v pipeline.Value, most int) (found []Fault, more int) {
	src, nodes, at := v.Index()
	f := faults{run: run{src: src, nodes: nodes, reference: p.reference}, every: true, most: most}
	if int(at) < len(nodes) {
		f.find(p.root, at)
	}
	f.run.end()
	return f.found, f.more
}

// faults is one search.
type faults struct {
	run   run
	steps []step // from the value that was given to the one looked at
	found []Fault
	every bool            // of all items
	most  int             // that are kept, 0 for any number
	more  int             // that were not kept
	told  map[uint64]bool // the rules and nodes with a verdict that were told
}

// step leads to a member or item.
type step struct {
	node  uint32
	index int // of an item, -1 for a member
}

func (f *faults) add(c *rule, at uint32, missing, extra []string) {
	if f.most > 0 && len(f.found) >= f.most {
		f.more++
		return
	}
	path := make([]string, len(f.steps))
	for i, s := range f.steps {
		if s.index >= 0 {
			path[i] = strconv.Itoa(s.index)
		} else {
			path[i] = strings.Clone(f.run.value(s.node).Key())
		}
	}
	f.found = append(f.found, Fault{Schema: c.schema, Path: path, Value: f.run.value(at), Missing: missing, Extra: extra})
}

// find adds the faults of the value at a node.
func (f *faults) find(c *rule, at uint32) {
	k := kindOf(&f.run.nodes[at])
	if c.plain.has(k) || c.memo >= 0 && f.settled(c, at) {
		return
	}
	if c.slow || c.alone == nil {
		if !f.run.fits(c, at) {
			f.add(c, at, nil, nil)
		}
		return
	}
	if !f.run.fits(c.alone, at) {
		f.add(c, at, nil, nil)
		if !f.every {
			return
		}
	}
	if c.object != nil && k == pipeline.KindObject {
		f.object(c, at)
	}
	if c.array != nil && k == pipeline.KindArray {
		f.array(c.array, at)
	}
	if c.place != nil {
		f.place(c.place, at)
	}
}

// settled says whether a rule whose verdicts are kept has nothing to tell about
// a value, or has told it.
func (f *faults) settled(c *rule, at uint32) bool {
	if f.run.fits(c, at) {
		return true
	}
	key := memoKey(c, at)
	if f.told[key] {
		return true
	}
	if f.told == nil {
		f.told = map[uint64]bool{}
	}
	f.told[key] = true
	return false
}

// within finds the faults of a part of the value looked at and says whether
// there are any.
func (f *faults) within(c *rule, s step) bool {
	before := len(f.found)
	f.steps = append(f.steps, s)
	f.find(c, s.node)
	f.steps = f.steps[:len(f.steps)-1]
	return len(f.found) > before
}

// place adds the faults by schemas that all must hold.
func (f *faults) place(c *placeRule, at uint32) {
	for _, sub := range c.all {
		f.find(sub, at)
	}
	if c.cond == nil {
		return
	}
	next := c.or
	if f.run.fits(c.cond, at) {
		next = c.then
	}
	if next != nil {
		f.find(next, at)
	}
}

// object adds the faults of an object's members, and what is missing.
func (f *faults) object(c *rule, at uint32) {
	o := c.object
	seen := make([]uint64, o.words)
	var extra []string
	for i, end := at+1, f.run.nodes[at].Next; i < end; i = f.run.nodes[i].Next {
		before, more := len(f.found), f.more
		refused := f.member(o, i, seen)
		failed := refused || len(f.found) > before || f.more > more
		if failed && !f.run.isMarked(at) {
			f.run.markOverridden(at)
		}
		if failed && f.run.overridden(at, i) {
			f.found, f.more = f.found[:before], more
		} else if refused {
			extra = append(extra, strings.Clone(f.run.value(i).Key()))
		}
	}
	if extra != nil {
		f.add(c, at, nil, extra)
	}
	if missing := o.missing(c.schema.Required, seen); missing != nil {
		f.add(c, at, missing, nil)
	}
	for _, d := range o.dependents {
		if d.rule != nil && has(seen, d.bit) {
			f.find(d.rule, at)
		}
	}
}

// member adds the faults of one member. refused says that no additional
// properties are allowed, and this is one.
func (f *faults) member(o *objectRule, at uint32, seen []uint64) (refused bool) {
	key := f.run.value(at).Key()
	taken := false
	if m := o.member(key); m != nil {
		if m.bit >= 0 {
			seen[m.bit>>6] |= 1 << (m.bit & 63)
		}
		if m.rule != nil {
			taken = true
			f.within(m.rule, step{at, -1})
		}
	}
	for _, p := range o.patterns {
		if p.key.match([]byte(key)) {
			taken = true
			f.within(p.rule, step{at, -1})
		}
	}
	switch {
	case taken || o.additional == nil:
		return false
	case o.additional == nothing:
		return true
	}
	f.within(o.additional, step{at, -1})
	return false
}

// member returns what the schema says about a name, nil for nothing.
func (c *objectRule) member(key string) *memberRule {
	if c.keys == nil {
		return nil
	}
	name := c.keys.find([]byte(key), 0, len(key))
	if name < 0 {
		return nil
	}
	return &c.members[name]
}

// missing returns the required names that were not seen.
func (c *objectRule) missing(required []string, seen []uint64) (missing []string) {
	for _, name := range required {
		if !has(seen, c.member(name).bit) {
			missing = append(missing, name)
		}
	}
	return missing
}

// array adds the faults of the items that have a schema each, and of the first
// of the others that has some.
func (f *faults) array(c *arrayRule, at uint32) {
	count := 0
	for i, end := at+1, f.run.nodes[at].Next; i < end; i = f.run.nodes[i].Next {
		if count < len(c.prefix) {
			f.within(c.prefix[count], step{i, count})
		} else if c.items == nil || f.within(c.items, step{i, count}) && !f.every {
			return
		}
		count++
	}
}

// withoutParts returns the rule without what a search for faults looks into by
// itself, nil for one that has nothing of the kind.
func (c *rule) withoutParts() *rule {
	if c.object == nil && c.array == nil && c.place == nil || c.slow {
		return nil
	}
	alone := *c
	alone.memo = -1
	if c.object != nil {
		alone.object = c.object.withoutParts()
	}
	if c.array != nil {
		array := *c.array
		array.prefix, array.items = nil, nil
		alone.array = &array
	}
	if c.place != nil {
		alone.place = &placeRule{any: c.place.any, one: c.place.one, not: c.place.not}
	}
	alone.settle()
	return &alone
}

func (c *objectRule) withoutParts() *objectRule {
	alone := *c
	alone.required, alone.patterns, alone.additional = nil, nil, nil
	alone.members = slices.Clone(c.members)
	for i := range alone.members {
		alone.members[i].rule = nil
	}
	alone.dependents = slices.DeleteFunc(slices.Clone(c.dependents), func(d dependent) bool { return d.rule != nil })
	return &alone
}
