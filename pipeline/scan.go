package pipeline

import (
	"bytes"
	"math"
	"slices"
)

// DefaultMaxDepth is how deep a record may nest unless the configuration says
// otherwise.
const DefaultMaxDepth = 128

// Scan checks that src is one JSON text (RFC 8259, UTF-8) and appends its
// index to dst, in one pass and in time linear in len(src). White space around
// the text is allowed, a byte order mark is not. A text whose arrays and
// objects nest deeper than maxDepth is refused; [] and {} have depth 1.
//
// The error has Code CodeNotJSON, CodeInvalidUTF8 or CodeTooDeep and the
// pointer to the value that could not be read, and says at which byte, counted
// from 0. Where src is not UTF-8, wherever that is, it is CodeInvalidUTF8.
// What is returned with an error is dst as it was, perhaps grown.
func Scan(dst []Node, src []byte, maxDepth int) ([]Node, *RecordError) {
	if uint64(len(src)) > math.MaxUint32 {
		return dst, &RecordError{Code: CodeTooLong, Message: "longer than 4 GiB, the most that an index can hold"}
	}
	if len(src) > longText {
		dst = slices.Grow(dst, mostNodes(src))
	}
	s := scanner{src: src, nodes: dst, base: len(dst), room: maxDepth, maxDepth: maxDepth}
	if !s.text() {
		return s.nodes[:s.base], s.explain()
	}
	return s.nodes, nil
}

// longText is the length from which it pays to count how large the index can
// become: growing step by step would copy it several times.
const longText = 32 << 10

// mostNodes returns how many nodes a text can have: a value for each comma and
// each opening bracket, and one more; a value takes at least two bytes.
func mostNodes(src []byte) int {
	n := 1 + bytes.Count(src, []byte(",")) + bytes.Count(src, []byte("[")) + bytes.Count(src, []byte("{"))
	return min(n, len(src)/2+1)
}

// scanner is one run over a text. Its methods take the offset of the byte to
// look at and return the offset after what they read, or -1 once fail was
// called. Offsets travel in registers, the rest stays in memory.
//
// There is no recursion and no stack: while a container is open, its node's
// Next is the index of the container around it.
type scanner struct {
	src      []byte
	nodes    []Node
	base     int // where the text's first node stands in nodes
	maxDepth int
	room     int    // how many more containers may be opened
	parent   uint32 // the innermost open container, counted from base
	inObject bool   // whether parent is an object
	flags    uint8  // of the value to come
	keyStart uint32 // of the value to come, when inObject
	keyEnd   uint32

	faultAt int
	fault   fault
}

// text reads the whole text.
func (s *scanner) text() bool {
	i := skipSpace(s.src, 0)
	for i >= 0 {
		var opened bool
		if i, opened = s.value(i); i < 0 || opened {
			continue
		}
		if i = s.after(i); i >= 0 && s.depth() == 0 {
			return true
		}
	}
	return false
}

func (s *scanner) depth() int { return s.maxDepth - s.room }

func (s *scanner) fail(at int, f fault) int {
	s.faultAt, s.fault = at, f
	return -1
}

// value reads the value at i. Of a container that is not empty it reads only
// as far as the first value in it, and says that it opened it.
func (s *scanner) value(i int) (next int, opened bool) {
	if i >= len(s.src) {
		return s.fail(i, faultValue), false
	}
	c := s.src[i]
	if class[c] != classOpen {
		return s.scalar(i), false
	}
	if i = s.open(i, c); i < 0 {
		return i, false
	}
	if i < len(s.src) && s.src[i] == c+2 { // '[' and ']', '{' and '}' are two apart
		return i, false
	}
	if !s.inObject {
		return i, true
	}
	i, value := s.members(i)
	return i, !value
}

// scalar reads the value at i, which is no container.
func (s *scanner) scalar(i int) int {
	end, kind, flags := scalarEnd(s.src, i)
	if end < 0 {
		return s.fail(^end, valueFault(kind))
	}
	if len(s.nodes) == cap(s.nodes) {
		s.nodes = growForOne(s.nodes)
	}
	s.nodes = s.nodes[:len(s.nodes)+1]
	n := &s.nodes[len(s.nodes)-1]
	n.KeyStart, n.KeyEnd = s.keyStart, s.keyEnd
	n.Start, n.End, n.Next = uint32(i), uint32(end), uint32(len(s.nodes)-s.base)
	n.Kind, n.flags = kind, flags|s.flags
	return end
}

// open opens the container whose bracket c stands at i.
func (s *scanner) open(i int, c byte) int {
	if s.room == 0 {
		return s.fail(i, faultDepth)
	}
	s.room--
	kind := KindArray
	if c == '{' {
		kind = KindObject
	}
	at := uint32(len(s.nodes) - s.base)
	s.nodes = append(s.nodes, Node{
		KeyStart: s.keyStart, KeyEnd: s.keyEnd, Start: uint32(i), Next: s.parent,
		Kind: kind, flags: s.flags,
	})
	s.parent, s.inObject = at, kind == KindObject
	s.keyStart, s.keyEnd, s.flags = 0, 0, 0
	return skipSpace(s.src, i+1)
}

// close closes the innermost container, which ends before i.
func (s *scanner) close(i int) {
	n := &s.nodes[s.base+int(s.parent)]
	s.parent, n.Next = n.Next, uint32(len(s.nodes)-s.base)
	n.End = uint32(i)
	s.room++
	s.inObject = s.depth() > 0 && s.nodes[s.base+int(s.parent)].Kind == KindObject
	s.keyStart, s.keyEnd, s.flags = 0, 0, 0
}

// after goes on after a value: past the brackets that close containers, to
// the next value, or to the end of the text, where no container is open.
func (s *scanner) after(i int) int {
	for {
		i = skipSpace(s.src, i)
		if s.depth() == 0 {
			if i < len(s.src) {
				return s.fail(i, faultEnd)
			}
			return i
		}
		switch {
		case i < len(s.src) && s.src[i] == ',':
			i = skipSpace(s.src, i+1)
			if !s.inObject {
				return i
			}
			var value bool
			if i, value = s.members(i); !value {
				return i
			}
		case i < len(s.src) && (s.src[i] == '}' && s.inObject || s.src[i] == ']' && !s.inObject):
			i++
			s.close(i)
		case s.inObject:
			return s.fail(i, faultMember)
		default:
			return s.fail(i, faultElement)
		}
	}
}

// key reads a member's key and colon.
func (s *scanner) key(i int) int {
	if i >= len(s.src) || s.src[i] != '"' {
		return s.fail(i, faultKey)
	}
	end, escaped := stringEnd(s.src, i+1)
	if end < 0 {
		return s.fail(^end, faultKeyString)
	}
	s.keyStart, s.keyEnd, s.flags = uint32(i+1), uint32(end), 0
	if escaped {
		s.flags = flagKeyEscaped
	}
	if i = skipSpace(s.src, end+1); i >= len(s.src) || s.src[i] != ':' {
		return s.fail(i, faultColon)
	}
	return skipSpace(s.src, i+1)
}

// skipSpace returns the offset of the first byte from i on that is no white
// space.
func skipSpace(src []byte, i int) int {
	for i < len(src) && src[i] <= ' ' && class[src[i]] == classSpace {
		i++
	}
	return i
}
