package pipeline

import (
	"iter"
	"unsafe"
)

// Value is a view of one JSON value inside a record. It is valid until the
// record changes or its batch is released, and must not be kept longer. The
// zero Value is missing.
type Value struct {
	src   []byte // what the nodes' offsets count from
	nodes []Node // the index that at points into
	at    uint32
}

// NewValue returns the root of a scanned text: nodes is what Scan appended for
// src.
func NewValue(src []byte, nodes []Node) Value { return Value{src: src, nodes: nodes} }

// Index returns what the value is a view of: the text, its index and the node
// of the value, for who walks the nodes themselves. Neither may be changed.
// The zero Value has none.
func (v Value) Index() (src []byte, nodes []Node, node uint32) { return v.src, v.nodes, v.at }

// Node returns the value at a node of v's index.
func (v Value) Node(node uint32) Value { return Value{src: v.src, nodes: v.nodes, at: node} }

// Kind returns the value's type, KindMissing for the zero Value.
func (v Value) Kind() Kind {
	if int(v.at) >= len(v.nodes) {
		return KindMissing
	}
	return v.nodes[v.at].Kind
}

// Exists says whether there is a value; null is one.
func (v Value) Exists() bool { return v.Kind() != KindMissing }

// JSON returns the value as it is spelled, nil for the zero Value. The bytes
// are the record's own.
func (v Value) JSON() []byte {
	if !v.Exists() {
		return nil
	}
	n := &v.nodes[v.at]
	return v.src[n.Start:n.End:n.End]
}

// content returns what stands between the quotes of a string.
func (v Value) content() []byte {
	n := &v.nodes[v.at]
	return v.src[n.Start+1 : n.End-1 : n.End-1]
}

func (v Value) has(flag uint8) bool { return v.nodes[v.at].flags&flag != 0 }

// AppendText appends the value of a string, unescaped; of any other kind its
// JSON spelling. Lone surrogates become U+FFFD, as encoding/json has it.
func (v Value) AppendText(dst []byte) []byte {
	if !v.Exists() {
		return dst
	}
	n := &v.nodes[v.at]
	switch text := v.src[n.Start:n.End]; {
	case n.Kind != KindString:
		return append(dst, text...)
	case n.flags&flagEscaped != 0:
		return appendUnescaped(dst, text[1:len(text)-1])
	default:
		return append(dst, text[1:len(text)-1]...)
	}
}

// Text is AppendText without a copy where the string has no escape: the bytes
// are then the record's own. buf is written over otherwise, and may be nil.
func (v Value) Text(buf []byte) []byte {
	switch {
	case v.Kind() != KindString:
		return v.JSON()
	case v.has(flagEscaped):
		return appendUnescaped(buf[:0], v.content())
	}
	return v.content()
}

// EqualText says whether v is a string whose unescaped value is s.
func (v Value) EqualText(s string) bool {
	switch {
	case v.Kind() != KindString:
		return false
	case v.has(flagEscaped):
		return equalUnescaped(v.content(), s)
	}
	return string(v.content()) == s
}

// Bool returns the value of a boolean; ok is false for any other kind.
func (v Value) Bool() (b, ok bool) {
	if v.Kind() != KindBool {
		return false, false
	}
	return v.has(flagTrue), true
}

// Len returns the number of elements or members, duplicates of a key counted;
// 0 for what is no container. Time linear in the result.
func (v Value) Len() int {
	n := 0
	for range v.Children() {
		n++
	}
	return n
}

// Key returns the key under which v was found in its object, unescaped; "" for
// what was not. The string shares the record's bytes unless the key has an
// escape: who keeps it longer than the Value clones it.
func (v Value) Key() string {
	if !v.Exists() {
		return ""
	}
	n := &v.nodes[v.at]
	key := v.src[n.KeyStart:n.KeyEnd]
	if v.has(flagKeyEscaped) {
		key = appendUnescaped(nil, key)
	}
	return unsafe.String(unsafe.SliceData(key), len(key))
}

// Member returns the object's last member of that key, or the zero Value. Time
// linear in the number of members.
func (v Value) Member(key string) Value {
	if v.Kind() != KindObject {
		return Value{}
	}
	return v.child(memberNode(v.src, v.nodes, v.at, key))
}

// memberNode returns the node of an object's last member of that key, 0 when
// there is none.
func memberNode(src []byte, nodes []Node, object uint32, key string) uint32 {
	found := uint32(0)
	for i, end := object+1, nodes[object].Next; i < end; i = nodes[i].Next {
		n := &nodes[i]
		// Most keys differ in length: that alone needs no call.
		if (int(n.KeyEnd-n.KeyStart) == len(key) || n.flags&flagKeyEscaped != 0) && keyIs(src, n, key) {
			found = i
		}
	}
	return found
}

// keyIs says whether the member n has that key.
func keyIs(src []byte, n *Node, key string) bool {
	if n.flags&flagKeyEscaped != 0 {
		return equalUnescaped(src[n.KeyStart:n.KeyEnd], key)
	}
	return int(n.KeyEnd-n.KeyStart) == len(key) && string(src[n.KeyStart:n.KeyEnd]) == key
}

// Element returns the array's element i, or the zero Value. Time linear in i.
func (v Value) Element(i int) Value {
	if v.Kind() != KindArray || i < 0 {
		return Value{}
	}
	for at, end := v.at+1, v.nodes[v.at].Next; at < end; at = v.nodes[at].Next {
		if i == 0 {
			return v.child(at)
		}
		i--
	}
	return Value{}
}

// child is the value at a node of v's index; node 0, the root, is nobody's
// child.
func (v Value) child(at uint32) Value {
	if at == 0 {
		return Value{}
	}
	return Value{src: v.src, nodes: v.nodes, at: at}
}

// Children iterates over an array's elements or an object's members (see Key),
// in the order of the text, duplicates included.
func (v Value) Children() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if k := v.Kind(); k != KindArray && k != KindObject {
			return
		}
		for i, end := v.at+1, v.nodes[v.at].Next; i < end; i = v.nodes[i].Next {
			if !yield(v.child(i)) {
				return
			}
		}
	}
}

// At returns the value that a path leads to from v on, or the zero Value.
func (v Value) At(p Path) Value { return v.find(p.segs) }

// find follows segments from v on.
func (v Value) find(segs []segment) Value {
	if !v.Exists() {
		return Value{}
	}
	at := v.at
	for i := range segs {
		switch {
		case segs[i].index >= 0:
			at = Value{src: v.src, nodes: v.nodes, at: at}.Element(segs[i].index).at
		case v.nodes[at].Kind == KindObject:
			at = memberNode(v.src, v.nodes, at, segs[i].key)
		default:
			at = 0
		}
		if at == 0 {
			return Value{}
		}
	}
	return Value{src: v.src, nodes: v.nodes, at: at}
}
