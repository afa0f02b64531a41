package pipeline

import (
	"bytes"
	"fmt"
)

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
	v := Value{src: d.src, nodes: d.nodes, at: container}
	if seg.index < 0 {
		return v.Member(seg.key).at
	}
	if d.first < 0 {
		return v.Element(seg.index).at
	}
	return d.element(container, seg.index)
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
	return d.insert(noEdit, edit{kind: editReplace, at: d.nodes[p.node].Start, parent: p.container, node: p.node, value: json})
}

// set puts json where the segments of path from the from-th on lead in d.
func (d *document) set(path Path, from int, json []byte) *RecordError {
	segs := path.segs[from:]
	switch {
	case len(d.nodes) == 0:
		return &RecordError{Code: CodeStep, Message: fmt.Sprintf("cannot set %s: the record is not JSON", path)}
	case len(segs) == 0:
		return &RecordError{Code: CodeStep, Message: "cannot set a field: its path is empty"}
	}
	p := d.walk(segs)
	rest := from + p.seg + 1
	switch {
	case p.edit >= 0 && rest == len(path.segs):
		d.setValue(p.edit, json)
		return nil
	case p.edit >= 0:
		return d.setWithin(p.edit, path, rest, json)
	case p.node != 0:
		d.replace(p, json)
		return nil
	}
	if err := d.checkRoom(p, path, rest-1); err != nil {
		return err
	}
	json, err := d.batch.wrap(path, rest, json)
	if err != nil {
		return err
	}
	d.insert(noEdit, edit{kind: editAdd, at: d.nodes[p.container].End - 1, parent: p.container, seg: &segs[p.seg], value: json})
	return nil
}

// checkRoom says why the container cannot get a child by segment i of path.
func (d *document) checkRoom(p place, path Path, i int) *RecordError {
	holder := Path{segs: path.segs[:i]}
	kind := d.nodes[p.container].Kind
	fail := func(found, expected string) *RecordError {
		name := holder.String()
		if name == "" {
			name = "the record"
		}
		return &RecordError{Code: CodeStep, Pointer: holder.Pointer(),
			Message: fmt.Sprintf("cannot set %s: %s is %s, expected %s", path, name, found, expected)}
	}
	switch index := path.segs[i].index; {
	case index < 0 && kind != KindObject:
		return fail(article(kind), "an object")
	case index >= 0 && kind != KindArray:
		return fail(article(kind), "an array")
	case index >= 0:
		return fail("an array that ends before that element", fmt.Sprintf("at least %d elements", index+1))
	}
	return nil
}

func article(k Kind) string {
	switch k {
	case KindNull:
		return "null"
	case KindArray, KindObject:
		return "an " + k.String()
	}
	return "a " + k.String()
}

// wrap puts json into the objects that path from segment from on asks for.
func (b *Batch) wrap(path Path, from int, json []byte) ([]byte, *RecordError) {
	segs := path.segs[from:]
	if len(segs) == 0 {
		return json, nil
	}
	for i := range segs {
		if segs[i].index >= 0 {
			holder := Path{segs: path.segs[:from+i]}
			return nil, &RecordError{Code: CodeStep, Pointer: holder.Pointer(),
				Message: fmt.Sprintf("cannot set %s: there is no array %s, and none is made", path, holder)}
		}
	}
	lo := len(b.text)
	for i := range segs {
		b.text = append(b.text, '{')
		b.text = append(append(b.text, segs[i].json...), ':')
	}
	b.text = append(b.text, json...)
	for range segs {
		b.text = append(b.text, '}')
	}
	return b.textFrom(lo), nil
}

// inner is an edit's value as a document of its own.
func (d *document) inner(e int32) document {
	v := d.value(e)
	return document{batch: d.batch, src: v.src, nodes: v.nodes, first: noEdit, last: noEdit}
}

// take makes the edited document in the value of edit e.
func (d *document) take(e int32, in *document) {
	lo := len(d.batch.text)
	d.batch.text = in.appendJSON(d.batch.text)
	d.setValue(e, d.batch.textFrom(lo))
}

func (d *document) setWithin(e int32, path Path, from int, json []byte) *RecordError {
	in := d.inner(e)
	if err := in.set(path, from, json); err != nil {
		return err
	}
	d.take(e, &in)
	return nil
}

func (d *document) remove(segs []segment) bool {
	if len(segs) == 0 || len(d.nodes) == 0 {
		return false
	}
	p := d.walk(segs)
	switch {
	case p.edit >= 0 && p.seg < len(segs)-1:
		in := d.inner(p.edit)
		if !in.remove(segs[p.seg+1:]) {
			return false
		}
		d.take(p.edit, &in)
		return true
	case p.edit >= 0:
		d.drop(func(e int32, _ *edit) bool { return e == p.edit })
	case p.node == 0:
		return false
	}
	if seg := &segs[p.seg]; seg.index < 0 {
		d.removeMembers(p.container, seg.key)
	} else {
		d.removeNode(noEdit, p.container, p.node)
	}
	return true
}

// removeMembers removes every member of that key that the text has. Members
// and edits stand in the same order, so that one pass does, however many there
// are.
func (d *document) removeMembers(object uint32, key string) {
	member, end := object+1, d.nodes[object].Next
	d.drop(func(_ int32, ed *edit) bool {
		for member < end && d.nodes[member].End <= ed.at {
			member = d.nodes[member].Next
		}
		return member < end && d.nodes[member].Start <= ed.at && keyIs(d.src, &d.nodes[member], key)
	})
	last := noEdit
	for i := object + 1; i < end; i = d.nodes[i].Next {
		if keyIs(d.src, &d.nodes[i], key) {
			last = d.removeNode(last, object, i)
		}
	}
}

func (d *document) removeNode(before int32, container, node uint32) int32 {
	return d.insert(before, edit{kind: editRemove, at: d.nodes[node].Start, parent: container, node: node})
}

// appendJSON appends the document with its edits.
func (d *document) appendJSON(dst []byte) []byte {
	return d.appendRange(dst, d.nodes[0].Start, d.nodes[0].End)
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
			dst = trimSpaceEnd(append(dst, d.src[lo:ed.at]...))
			if dst[len(dst)-1] != '{' {
				dst = append(dst, ',')
			}
			dst = append(append(dst, ed.seg.json...), ':')
			dst = append(dst, ed.value...)
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
