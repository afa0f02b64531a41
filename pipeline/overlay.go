package pipeline

import (
	"math"
	"strconv"
)

// Get returns the field at p as enrichment left it: the overlay first, then
// the record. A missing field is the zero Value. With duplicate keys the last
// one counts.
func (r *Record) Get(p Path) Value {
	switch {
	case r.nodeLo == r.nodeHi || p.Zero():
	case len(p.segs) == 1 && r.onlyAdded(): // nearly all reads
		if v := r.member(p.segs[0].key); v.Exists() || r.editFirst < 0 {
			return v
		}
	case r.editFirst < 0:
		return r.Root().find(p.segs)
	}
	d := r.document()
	v := d.get(p.segs)
	r.keep(d)
	return v
}

// member is what the indexed record's text has under a top-level key.
func (r *Record) member(key string) Value {
	nodes := r.batch.nodes[r.nodeLo:r.nodeHi]
	if nodes[0].Kind != KindObject {
		return Value{}
	}
	return NewValue(r.raw, nodes).child(memberNode(r.raw, nodes, 0, key))
}

// onlyAdded says whether all that enrichment did to the indexed record was to
// add top-level fields. Then what the text has is as the text has it.
func (r *Record) onlyAdded() bool {
	return r.editFirst < 0 || r.batch.edits[r.editFirst].at >= r.batch.nodes[r.nodeLo].End-1
}

// Set puts a JSON text at p, over what is there. Missing objects on the way
// are made. json must be valid JSON on one line; it is copied. An error
// (CodeStep) says that the path leads through a value that is no object, or
// past an array's end.
func (r *Record) Set(p Path, json []byte) *RecordError {
	lo := len(r.batch.text)
	r.batch.text = append(r.batch.text, json...)
	return r.SetShared(p, r.batch.textFrom(lo))
}

// SetShared is Set without the copy: json must stay unchanged until the batch
// is released (a lookup table's value, a constant).
func (r *Record) SetShared(p Path, json []byte) *RecordError {
	d := r.document()
	err := d.set(p, 0, json)
	r.keep(d)
	return err
}

// SetText sets a string, escaping it. What is not UTF-8 in it becomes U+FFFD.
func (r *Record) SetText(p Path, text []byte) *RecordError {
	lo := len(r.batch.text)
	r.batch.text = appendQuoted(r.batch.text, text)
	return r.SetShared(p, r.batch.textFrom(lo))
}

// SetInt sets a whole number.
func (r *Record) SetInt(p Path, n int64) *RecordError {
	lo := len(r.batch.text)
	r.batch.text = strconv.AppendInt(r.batch.text, n, 10)
	return r.SetShared(p, r.batch.textFrom(lo))
}

// SetFloat sets a number, spelled as encoding/json does; NaN and infinities
// are an error.
func (r *Record) SetFloat(p Path, f float64) *RecordError {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return &RecordError{Code: CodeStep, Pointer: p.Pointer(),
			Message: "the result is " + strconv.FormatFloat(f, 'g', -1, 64) + ", which JSON has no number for"}
	}
	lo := len(r.batch.text)
	r.batch.text = appendFloat(r.batch.text, f)
	return r.SetShared(p, r.batch.textFrom(lo))
}

// appendFloat appends the shortest spelling that reads back as f, in plain
// digits where they are few (ECMAScript's Number.toString).
func appendFloat(dst []byte, f float64) []byte {
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, f, format, -1, 64)
}

var (
	jsonTrue  = []byte("true")
	jsonFalse = []byte("false")
)

// SetBool sets a boolean.
func (r *Record) SetBool(p Path, b bool) *RecordError {
	if b {
		return r.SetShared(p, jsonTrue)
	}
	return r.SetShared(p, jsonFalse)
}

// Remove takes the field at p out, every duplicate of its key; false when
// there is none.
func (r *Record) Remove(p Path) bool {
	d := r.document()
	removed := d.remove(p.segs)
	r.keep(d)
	return removed
}

// Rename moves the field at from to to, over what is there; it does nothing
// when there is no field at from. After an error, which is Set's, the field is
// still at from.
func (r *Record) Rename(from, to Path) *RecordError {
	json := r.Get(from).JSON()
	switch {
	case json == nil:
		return nil
	case to.hasPrefix(from): // into itself, or nowhere
		wrapped, err := r.batch.wrap(to, len(from.segs), json)
		if err != nil {
			return err
		}
		return r.SetShared(from, wrapped)
	case from.hasPrefix(to): // over what holds it
		return r.SetShared(to, json)
	}
	if err := r.SetShared(to, json); err != nil {
		return err
	}
	r.Remove(from)
	return nil
}

// AppendJSON appends the record as one line of JSON without a line end: the
// raw bytes with the overlay spliced in. Numbers keep their spelling, members
// their order; new members come last. A line that is not JSON is appended as
// it is.
func (r *Record) AppendJSON(dst []byte) []byte {
	if r.editFirst < 0 || !r.Root().Exists() {
		lo, hi := extent(r.raw)
		return append(dst, r.raw[lo:hi]...)
	}
	d := r.document()
	return d.appendJSON(dst)
}

// AppendWithout is AppendJSON with the fields at paths left out.
func (r *Record) AppendWithout(dst []byte, paths *Paths) []byte {
	d := r.document()
	if len(d.nodes) == 0 || paths.Len() == 0 {
		return r.AppendJSON(dst)
	}
	b := r.batch
	edits, nodes, text := len(b.edits), len(b.nodes), len(b.text)
	d.forkWithout(paths)
	dst = d.appendJSON(dst)
	clear(b.edits[edits:])
	b.edits, b.nodes, b.text = b.edits[:edits], b.nodes[:nodes], b.text[:text]
	return dst
}

// document is the record as an editable one, indexed if it was not yet.
func (r *Record) document() document {
	if !r.scanned {
		r.batch.scan(r, DefaultMaxDepth)
	}
	return document{
		batch: r.batch, src: r.raw, nodes: r.batch.nodes[r.nodeLo:r.nodeHi],
		first: r.editFirst, last: r.editLast, keys: r.keys,
	}
}

// keep takes over what an operation left on the record's document.
func (r *Record) keep(d document) { r.editFirst, r.editLast, r.keys = d.first, d.last, d.keys }
