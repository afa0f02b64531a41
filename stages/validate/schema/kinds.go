package schema

import "sluice/pipeline"

// kindInteger stands beside the kinds for numbers spelled without fraction and
// exponent, which are integers at a glance; KindNumber is then one that may be
// whole or not, such as 1.0.
const kindInteger = pipeline.KindObject + 1

// kindOf returns the kind of a node, kindInteger included.
func kindOf(n *pipeline.Node) pipeline.Kind {
	if n.Integer() {
		return kindInteger
	}
	return n.Kind
}

// kindSet is a set of kinds.
type kindSet uint8

const (
	setNumber = kindSet(1<<pipeline.KindNumber | 1<<kindInteger)
	setAll    = kindSet(1<<pipeline.KindNull|1<<pipeline.KindBool|1<<pipeline.KindString|1<<pipeline.KindArray|1<<pipeline.KindObject) | setNumber
)

func setOf(k pipeline.Kind) kindSet { return 1 << k }

func (s kindSet) has(k pipeline.Kind) bool { return s>>k&1 != 0 }

var kindsByName = map[string]kindSet{
	"null":    setOf(pipeline.KindNull),
	"boolean": setOf(pipeline.KindBool),
	"number":  setNumber,
	"integer": setNumber,
	"string":  setOf(pipeline.KindString),
	"array":   setOf(pipeline.KindArray),
	"object":  setOf(pipeline.KindObject),
}
