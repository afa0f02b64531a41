package schema

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"sluice/pipeline"
)

// canonical puts a text on the stack of canonical texts that two values have in common if
// and only if they are equal as JSON Schema has it: 1, 1.0 and 10e-1 are, and
// objects whatever the order of their members, of which the last of a key
// counts. Time linear in the value's size, but for the sorting of members.
func (r *run) canonical(at uint32) []byte {
	s := r.room()
	mark := len(s.canon)
	s.canon = r.appendCanonical(s.canon, at)
	return s.canon[mark:]
}

func (r *run) appendCanonical(dst []byte, at uint32) []byte {
	n := &r.nodes[at]
	switch n.Kind {
	case pipeline.KindNumber:
		dst = append(dst, 'd')
		return append(appendDecimal(dst, parseDecimal(r.src[n.Start:n.End])), ';')
	case pipeline.KindString:
		return appendString(append(dst, 's'), r.value(at), n)
	case pipeline.KindArray:
		dst = append(dst, '[')
		for i := at + 1; i < n.Next; i = r.nodes[i].Next {
			dst = r.appendCanonical(dst, i)
		}
		return append(dst, ']')
	case pipeline.KindObject:
		return r.appendObject(dst, at)
	}
	return append(dst, r.src[n.Start]) // n, t or f
}

// appendString appends the length of a string's text and the text.
func appendString(dst []byte, v pipeline.Value, n *pipeline.Node) []byte {
	// The length of the text is known when it is there: it goes behind.
	mark := len(dst)
	dst = v.AppendText(append(dst, 0, 0, 0, 0))
	binary.LittleEndian.PutUint32(dst[mark:], uint32(len(dst)-mark-4))
	return dst
}

func (r *run) appendObject(dst []byte, at uint32) []byte {
	s := r.room()
	lo := len(s.members)
	for i := at + 1; i < r.nodes[at].Next; i = r.nodes[i].Next {
		s.members = append(s.members, i)
	}
	members := s.members[lo:]
	slices.SortFunc(members, r.compareMembers)
	dst = append(dst, '{')
	for i, m := range members {
		if i+1 < len(members) && r.compareKeys(m, members[i+1]) == 0 {
			continue // overridden
		}
		key := [1]pipeline.Node{r.nodes[m].KeyNode()}
		dst = appendString(dst, pipeline.NewValue(r.src, key[:]), &key[0])
		dst = r.appendCanonical(dst, m)
	}
	s.members = s.members[:lo]
	return append(dst, '}')
}

// compareMembers orders members by key, those of one key as they stand.
func (r *run) compareMembers(a, b uint32) int {
	return cmp.Or(r.compareKeys(a, b), cmp.Compare(a, b))
}

func (r *run) compareKeys(a, b uint32) int {
	x, y := &r.nodes[a], &r.nodes[b]
	if !x.KeyEscaped() && !y.KeyEscaped() {
		return bytes.Compare(r.src[x.KeyStart:x.KeyEnd], r.src[y.KeyStart:y.KeyEnd])
	}
	keyA, mark := r.pushKey(a)
	keyB, _ := r.pushKey(b)
	c := bytes.Compare(keyA, keyB)
	r.pop(mark)
	return c
}
