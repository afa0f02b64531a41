package pipeline

// forkWithout gives d a list of edits of its own: those it has, and the removal
// of what is at paths.
func (d *document) forkWithout(paths *Paths) {
	e := d.first
	d.first, d.last = noEdit, noEdit
	if d.nodes[0].Kind == KindObject {
		e = d.forkMembers(e, paths)
	}
	for ; e >= 0; e = d.batch.edits[e].next {
		ed := &d.batch.edits[e]
		if ed.parent != 0 || ed.kind != editAdd || !paths.takes(paths.find(ed.seg.key)) {
			d.insert(noEdit, ed)
		}
	}
	if !paths.nested {
		return
	}
	for i := range paths.paths {
		if origin := paths.origins[i]; !paths.takes(origin) {
			d.remove(paths.paths[i].segs)
		}
	}
}

// forkMembers does forkWithout's work on the members of the text, and returns
// the first of the edits behind them. Members and edits stand in the same
// order, so that one pass does.
func (d *document) forkMembers(e int32, paths *Paths) int32 {
	for at, end := uint32(1), d.nodes[0].Next; at < end; at = d.nodes[at].Next {
		n := &d.nodes[at]
		gone := paths.takes(paths.findMember(d.src, n))
		if gone {
			d.removeNode(noEdit, 0, at)
		}
		for ; e >= 0 && d.batch.edits[e].at < n.End; e = d.batch.edits[e].next {
			if !gone {
				d.insert(noEdit, &d.batch.edits[e])
			}
		}
	}
	return e
}

// takes says whether one of the paths whose first is i is a top-level key
// alone; i may be -1.
func (p *Paths) takes(i int32) bool { return i >= 0 && p.whole[i] }
