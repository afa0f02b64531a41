package pipeline

// Kind is the JSON type of a value. The zero value means that there is none.
type Kind uint8

// The kinds of a value.
const (
	KindMissing Kind = iota
	KindNull
	KindBool
	KindNumber
	KindString
	KindArray
	KindObject
)

var kindNames = [...]string{"missing", "null", "boolean", "number", "string", "array", "object"}

// String returns the JSON Schema name of the kind.
func (k Kind) String() string { return kindNames[k] }

// Flags that the scanner leaves on a node.
const (
	flagEscaped    uint8 = 1 << iota // the string value has a backslash
	flagKeyEscaped                   // the member's key has a backslash
	flagInteger                      // the number is spelled without fraction or exponent
	flagTrue                         // the boolean is true
)

// Node is one value of a record's flat index. Nodes stand in document order:
// a container is followed by all that it holds, and Next leads past it. An
// object's member is one node that carries its key. Offsets count bytes from
// the start of the record.
type Node struct {
	KeyStart, KeyEnd uint32 // the member's key between its quotes; 0,0 outside objects
	Start, End       uint32 // the value, quotes and brackets included
	Next             uint32 // index of the node after this one's subtree
	Kind             Kind
	flags            uint8
}

// Integer says whether the node is a number spelled without fraction and
// exponent.
func (n *Node) Integer() bool { return n.flags&flagInteger != 0 }

// Escaped says whether the node is a string that has a backslash.
func (n *Node) Escaped() bool { return n.flags&flagEscaped != 0 }

// KeyEscaped says whether the node's key has a backslash.
func (n *Node) KeyEscaped() bool { return n.flags&flagKeyEscaped != 0 }

// True says whether the node is true.
func (n *Node) True() bool { return n.flags&flagTrue != 0 }

// KeyNode returns the member's key as a string value: an index of one node for
// the same text.
func (n *Node) KeyNode() Node {
	key := Node{Start: n.KeyStart - 1, End: n.KeyEnd + 1, Next: 1, Kind: KindString}
	if n.KeyEscaped() {
		key.flags = flagEscaped
	}
	return key
}
