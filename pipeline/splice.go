package pipeline

import "bytes"

// appendJSON appends the document with its edits. It reads the text's bounds off the
// text, which it needs anyway: the index is out of the processor's cache by now.
func (d *document) appendJSON(dst []byte) []byte {
	lo, hi := extent(d.src)
	return d.appendRange(dst, lo, hi)
}

// extent returns where a text begins and ends without the white space around it.
func extent(text []byte) (lo, hi uint32) {
	hi = uint32(len(trimSpaceEnd(text)))
	for lo < hi && class[text[lo]] == classSpace {
		lo++
	}
	return lo, hi
}

// appendRange appends the bytes lo to hi of the text with the edits in there.
//
// Commas need no account of which members are left: behind a member that goes
// its comma goes too, and where the last one goes, or one is added, the end of
// what was written tells whether anything stands before.
func (d *document) appendRange(dst []byte, lo, hi uint32) []byte {
	for e := d.first; e >= 0; e = d.batch.edits[e].next {
		ed := &d.batch.edits[e]
		if ed.at < lo {
			continue
		}
		if ed.at >= hi {
			break
		}
		switch ed.kind {
		case editReplace:
			dst = append(dst, d.src[lo:ed.at]...)
			dst = append(dst, ed.value...)
			lo = d.nodes[ed.node].End
		case editRemove:
			dst = append(dst, d.src[lo:d.outerStart(ed.node)]...)
			n := &d.nodes[ed.node]
			if n.Next < d.nodes[ed.parent].Next {
				lo = d.outerStart(n.Next)
			} else {
				dst = bytes.TrimSuffix(trimSpaceEnd(dst), []byte(","))
				lo = n.End
			}
		case editAdd:
			if lo < ed.at {
				dst = append(dst, d.src[lo:ed.at]...)
			}
			dst = trimSpaceEnd(dst)
			member := ed.seg.member
			if dst[len(dst)-1] == '{' {
				member = member[1:]
			}
			dst = append(append(dst, member...), ed.value...)
			lo = ed.at
		}
	}
	return append(dst, d.src[lo:hi]...)
}

// outerStart is where a node starts, with its key if it has one.
func (d *document) outerStart(node uint32) uint32 {
	n := &d.nodes[node]
	if n.KeyEnd == 0 {
		return n.Start
	}
	return n.KeyStart - 1
}

// trimSpaceEnd cuts off white space at the end.
func trimSpaceEnd(b []byte) []byte {
	for len(b) > 0 && class[b[len(b)-1]] == classSpace {
		b = b[:len(b)-1]
	}
	return b
}
