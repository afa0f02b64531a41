package pipeline

// edit is one change to one object of a record. Edits of a record form a list
// in the batch's arena, in the order they were made.
type edit struct {
	next int32 // the record's next edit, -1 at the end
	// TODO(skeleton)
}

// Get returns the field at p as enrichment left it: the overlay first, then
// the record. A missing field is the zero Value. With duplicate keys the last
// one counts.
func (r *Record) Get(p Path) Value { panic("skeleton") }

// Set puts a JSON text at p, over what is there. Missing objects on the way
// are made. json must be valid JSON; it is copied. An error (CodeStep) says
// that the path leads through a value that is no object, or past an array's
// end.
func (r *Record) Set(p Path, json []byte) *RecordError { panic("skeleton") }

// SetShared is Set without the copy: json must stay unchanged until the batch
// is released (a lookup table's value, a constant).
func (r *Record) SetShared(p Path, json []byte) *RecordError { panic("skeleton") }

// SetText sets a string, escaping it.
func (r *Record) SetText(p Path, text []byte) *RecordError { panic("skeleton") }

// SetInt sets a whole number.
func (r *Record) SetInt(p Path, n int64) *RecordError { panic("skeleton") }

// SetFloat sets a number; NaN and infinities are an error.
func (r *Record) SetFloat(p Path, f float64) *RecordError { panic("skeleton") }

// SetBool sets a boolean.
func (r *Record) SetBool(p Path, b bool) *RecordError { panic("skeleton") }

// Remove takes the field at p out, every duplicate of its key; false when
// there is none.
func (r *Record) Remove(p Path) bool { panic("skeleton") }

// Rename moves the field at from to to, over what is there; it does nothing
// when there is no field at from.
func (r *Record) Rename(from, to Path) *RecordError { panic("skeleton") }

// AppendJSON appends the record as one line of JSON without a line end: the
// raw bytes with the overlay spliced in. Numbers keep their spelling, members
// their order; new members come last.
func (r *Record) AppendJSON(dst []byte) []byte { panic("skeleton") }

// AppendWithout is AppendJSON with the fields at paths left out.
func (r *Record) AppendWithout(dst []byte, paths []Path) []byte { panic("skeleton") }
