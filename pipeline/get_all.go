package pipeline

import "slices"

// GetAll is Get for each of the paths, in one pass over the record's members.
// It returns the values in the order of the paths, in dst's memory where that
// is enough.
func (r *Record) GetAll(dst []Value, paths *Paths) []Value {
	n := len(paths.paths)
	dst = slices.Grow(dst[:0], n)[:n]
	clear(dst)
	d := r.document()
	if len(d.nodes) == 0 || d.nodes[0].Kind != KindObject {
		return dst
	}
	d.getMembers(dst, paths)
	r.keep(d)
	if paths.nested {
		paths.descend(dst)
	}
	return dst
}

// getMembers puts the member that each path begins with where the first path
// with its key has its place. Of duplicates the last one stays. Members and
// edits stand in the same order, so that one pass does.
func (d *document) getMembers(dst []Value, paths *Paths) {
	e := d.first
	for at, end := uint32(1), d.nodes[0].Next; at < end; at = d.nodes[at].Next {
		n := &d.nodes[at]
		i := paths.findMember(d.src, n)
		if i < 0 {
			continue
		}
		if e >= 0 {
			e = d.editFrom(e, n.Start)
		}
		if e >= 0 && d.batch.edits[e].at < n.End {
			dst[i] = d.edited(e, at)
		} else {
			v := &dst[i]
			v.src, v.nodes, v.at = d.src, d.nodes, at
		}
	}
	for e = d.editFrom(e, d.nodes[0].End-1); e >= 0; e = d.batch.edits[e].next {
		if i := paths.find(d.batch.edits[e].seg.key); i >= 0 {
			dst[i] = d.value(e)
		}
	}
}

// editFrom returns the first edit from e on that takes effect at start or
// behind it.
func (d *document) editFrom(e int32, start uint32) int32 {
	for e >= 0 && d.batch.edits[e].at < start {
		e = d.batch.edits[e].next
	}
	return e
}

// edited is the value of a top-level member of which e is the first edit.
func (d *document) edited(e int32, node uint32) Value {
	switch ed := &d.batch.edits[e]; {
	case ed.node != node: // it is about something inside
		e = d.merge(place{node: node, edit: noEdit})
	case ed.kind == editRemove:
		return Value{}
	}
	return d.value(e)
}

// descend follows the paths from their top-level members on. The first path
// with a key comes after the others, which start from its place.
func (p *Paths) descend(values []Value) {
	for i := len(values) - 1; i >= 0; i-- {
		if origin := p.origins[i]; origin >= 0 {
			values[i] = values[origin].find(p.paths[i].segs[1:])
		}
	}
}
