package pipeline

// document is a text, its index and the edits made to it: a record, or a value
// inside an edit of one.
type document struct {
	batch       *Batch
	src         []byte
	nodes       []Node
	first, last int32
	keys        keySet // of the text's top level, made when it is first needed
}

// place is where a path leads in a document.
type place struct {
	container uint32 // the last container that the path reached
	seg       int    // the segment that leads on from there
	node      uint32 // the node of the text it leads to, 0 when there is none
	edit      int32  // the edit whose value it leads to, or noEdit
}

// walk follows a path until it ends, or leads into an edit's value, or to
// nothing.
func (d *document) walk(segs []segment) place {
	p := place{edit: noEdit}
	for p.seg = range segs {
		seg := &segs[p.seg]
		p.node = d.childNode(p.container, seg)
		if d.first >= 0 {
			p.edit = d.editAt(p.container, seg, p.node)
			if p.edit >= 0 && d.batch.edits[p.edit].kind == editRemove {
				p.node, p.edit = 0, noEdit
			}
		}
		if p.node == 0 || p.edit >= 0 || p.seg == len(segs)-1 {
			break
		}
		p.container = p.node
	}
	return p
}

// editAt returns the edit that decides about a container's child, whose node
// in the text is node, or noEdit.
func (d *document) editAt(container uint32, seg *segment, node uint32) int32 {
	e := noEdit
	if node != 0 {
		if e = d.editOf(node); e >= 0 && d.batch.edits[e].kind == editReplace {
			return e
		}
	}
	if seg.index < 0 {
		if added := d.added(container, seg.key); added >= 0 {
			return added
		}
	}
	return e
}

// childNode returns the node of a container's child, whether it is removed or
// not, but elements of an array that are removed do not count; 0 if there is
// none.
func (d *document) childNode(container uint32, seg *segment) uint32 {
	switch {
	case seg.index >= 0:
		return d.element(container, seg.index)
	case d.nodes[container].Kind != KindObject:
		return 0
	case container == 0 && !d.mayHave(seg):
		return 0
	}
	return memberNode(d.src, d.nodes, container, seg.key)
}

// mayHave says whether the text may have a top-level key.
func (d *document) mayHave(seg *segment) bool {
	if d.keys == 0 {
		d.keys = keysOf(d.src, d.nodes, 0)
	}
	return d.keys.mayHave(seg.bit)
}

// element returns the node of the i-th element that is not removed. Elements
// and edits stand in the same order, so that one pass does.
func (d *document) element(array uint32, i int) uint32 {
	if d.nodes[array].Kind != KindArray {
		return 0
	}
	e := d.first
	for at, end := array+1, d.nodes[array].Next; at < end; at = d.nodes[at].Next {
		for e >= 0 && d.batch.edits[e].at < d.nodes[at].Start {
			e = d.batch.edits[e].next
		}
		if e >= 0 && d.batch.edits[e].node == at && d.batch.edits[e].kind == editRemove {
			continue
		}
		if i == 0 {
			return at
		}
		i--
	}
	return 0
}

func (d *document) get(segs []segment) Value {
	if len(segs) == 0 || len(d.nodes) == 0 {
		return Value{}
	}
	p := d.walk(segs)
	switch {
	case p.edit >= 0:
		return d.value(p.edit).find(segs[p.seg+1:])
	case p.node == 0:
		return Value{}
	}
	if e := d.merge(p); e >= 0 {
		return d.value(e)
	}
	return Value{src: d.src, nodes: d.nodes, at: p.node}
}

// merge makes one edit of those inside the value at p, if there are any, and
// returns it.
func (d *document) merge(p place) int32 {
	n := d.nodes[p.node]
	inside := false
	for e := d.first; e >= 0 && !inside; e = d.batch.edits[e].next {
		at := d.batch.edits[e].at
		inside = at > n.Start && at < n.End
	}
	if !inside {
		return noEdit
	}
	lo := len(d.batch.text)
	d.batch.text = d.appendRange(d.batch.text, n.Start, n.End)
	return d.replace(p, d.batch.textFrom(lo))
}

// replace puts json in the place of the node at p.
func (d *document) replace(p place, json []byte) int32 {
	return d.insert(noEdit, &edit{kind: editReplace, at: d.nodes[p.node].Start, parent: p.container, node: p.node, value: json})
}
