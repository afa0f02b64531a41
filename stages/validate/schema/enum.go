package schema

import (
	"encoding/json"
	"fmt"
	"slices"

	"sluice/pipeline"
)

// enumRule is a list of values that are allowed: the keyword enum, or const.
type enumRule struct {
	kinds    kindSet
	yes, no  bool
	strings  *keyTable
	integers *keyTable // numbers as they are spelled without fraction and exponent
	others   *keyTable // numbers and containers in the canonical form
}

// enumDepth is more than any schema's values nest.
const enumDepth = 10_000

// newEnum makes the rule of a schema's decoded values.
func newEnum(values []any) (*enumRule, error) {
	c := new(enumRule)
	var strings, integers, others []string
	for _, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("spell a value of enum: %w", err)
		}
		nodes, fault := pipeline.Scan(nil, text, enumDepth)
		if fault != nil {
			return nil, fmt.Errorf("read a value of enum: %w", fault)
		}
		root := pipeline.NewValue(text, nodes)
		r := run{src: text, nodes: nodes}
		switch k := kindOf(&nodes[0]); k {
		case pipeline.KindNull:
			c.kinds |= setOf(k)
		case pipeline.KindBool:
			c.kinds |= setOf(k)
			c.yes = c.yes || nodes[0].True()
			c.no = c.no || !nodes[0].True()
		case pipeline.KindString:
			c.kinds |= setOf(k)
			strings = append(strings, string(root.AppendText(nil)))
		case pipeline.KindNumber, kindInteger:
			c.kinds |= setNumber
			if n, ok := root.Int64(); ok {
				integers = append(integers, fmt.Sprint(n))
			}
			others = append(others, string(r.canonical(0)))
		default:
			c.kinds |= setOf(k)
			others = append(others, string(r.canonical(0)))
		}
		r.end()
	}
	c.strings, c.integers, c.others = tableOf(strings), tableOf(integers), tableOf(others)
	return c, nil
}

func tableOf(names []string) *keyTable {
	slices.Sort(names)
	return newKeyTable(slices.Compact(names))
}

// among says whether the value at a node is one of the list.
func (r *run) among(c *enumRule, at uint32, k pipeline.Kind) bool {
	n := &r.nodes[at]
	switch k {
	case pipeline.KindNull:
		return true // the kinds say that it is in the list
	case pipeline.KindBool:
		return n.True() && c.yes || !n.True() && c.no
	case pipeline.KindString:
		if !n.Escaped() {
			return c.strings.find(r.src, int(n.Start)+1, int(n.End)-1) >= 0
		}
		text, mark := r.push(at)
		found := c.strings.find(text, 0, len(text)) >= 0
		r.pop(mark)
		return found
	case kindInteger:
		if c.integers.find(r.src, int(n.Start), int(n.End)) >= 0 {
			return true
		}
	}
	if len(c.others.names) == 0 {
		return false
	}
	text := r.canonical(at)
	r.canon = r.canon[:0]
	return c.others.find(text, 0, len(text)) >= 0
}
