package pipeline

import "fmt"

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
	d.insert(noEdit, &edit{kind: editAdd, at: d.nodes[p.container].End - 1, parent: p.container, seg: &segs[p.seg], value: json})
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
	return d.insert(before, &edit{kind: editRemove, at: d.nodes[node].Start, parent: container, node: node})
}
