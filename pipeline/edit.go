package pipeline

// editKind is what an edit does.
type editKind uint8

const (
	editReplace editKind = iota // node's value becomes value
	editRemove                  // node goes, key and comma with it
	editAdd                     // parent gets a member seg.key at its end
)

// edit is one change to one container of a document. Those of a document form
// a list in the batch's arena, in the order of the places where they take
// effect, which makes writing the document one pass over both. What lies inside
// a value that another one replaces or removes has no effect any more.
type edit struct {
	next   int32 // the document's next edit, -1 at the end
	kind   editKind
	at     uint32   // offset in the document where it takes effect
	parent uint32   // the container's node
	node   uint32   // the node replaced or removed
	seg    *segment // the key added
	value  []byte   // the JSON text that is put there
	nodeLo uint32   // the value's index in batch.nodes, made when it is first
	nodeHi uint32   // read
}

// noEdit stands for no edit where an index is expected.
const noEdit int32 = -1

// textFrom is what the arena has got since its length was lo.
func (b *Batch) textFrom(lo int) []byte { return b.text[lo:len(b.text):len(b.text)] }

// value is the view of an edit's value.
func (d *document) value(e int32) Value {
	b := d.batch
	ed := &b.edits[e]
	if ed.nodeLo == ed.nodeHi {
		lo := len(b.nodes)
		b.nodes, _ = Scan(b.nodes, ed.value, len(ed.value))
		ed.nodeLo, ed.nodeHi = uint32(lo), uint32(len(b.nodes))
	}
	return NewValue(ed.value, b.nodes[ed.nodeLo:ed.nodeHi])
}

// setValue changes the value of an edit.
func (d *document) setValue(e int32, json []byte) {
	ed := &d.batch.edits[e]
	ed.value, ed.nodeLo, ed.nodeHi = json, 0, 0
}

// editOf returns the edit that replaces or removes a node, or noEdit.
func (d *document) editOf(node uint32) int32 {
	at := d.nodes[node].Start
	for e := d.first; e >= 0; e = d.batch.edits[e].next {
		ed := &d.batch.edits[e]
		if ed.at >= at {
			if ed.at == at && ed.kind != editAdd {
				return e
			}
			break
		}
	}
	return noEdit
}

// added returns the edit that adds a key to a container, or noEdit.
func (d *document) added(container uint32, key string) int32 {
	for e := d.first; e >= 0; e = d.batch.edits[e].next {
		ed := &d.batch.edits[e]
		if ed.kind == editAdd && ed.parent == container && ed.seg.key == key {
			return e
		}
	}
	return noEdit
}

// insert puts a copy of an edit into the list, behind those of the same place, and
// returns it. before is an edit known to stand before that place, or noEdit.
func (d *document) insert(before int32, ed *edit) int32 {
	b := d.batch
	if d.last >= 0 && b.edits[d.last].at <= ed.at {
		before = d.last
	}
	for k := d.nextOf(before); k >= 0 && b.edits[k].at <= ed.at; k = b.edits[k].next {
		before = k
	}
	e, next := int32(len(b.edits)), d.nextOf(before)
	b.edits = append(b.edits, *ed)
	b.edits[e].next = next
	d.link(before, e)
	if next < 0 {
		d.last = e
	}
	return e
}

// nextOf returns the edit after e, the first one after noEdit.
func (d *document) nextOf(e int32) int32 {
	if e < 0 {
		return d.first
	}
	return d.batch.edits[e].next
}

// link makes e the edit after before, the first one after noEdit.
func (d *document) link(before, e int32) {
	if before < 0 {
		d.first = e
	} else {
		d.batch.edits[before].next = e
	}
}

// drop takes the edits out of the list that match.
func (d *document) drop(match func(e int32, ed *edit) bool) {
	before := noEdit
	for e := d.first; e >= 0; e = d.batch.edits[e].next {
		if match(e, &d.batch.edits[e]) {
			d.link(before, d.batch.edits[e].next)
		} else {
			before = e
		}
	}
	d.last = before
}
