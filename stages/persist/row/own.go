package row

import "sluice/pipeline"

// What follows is for a sink with an encoding of its own.

// Fields returns how many columns come from a field of the record each; they
// stand before the others.
func (l *Layout) Fields() int { return l.paths.Len() }

// Values returns the values of the columns that come from fields, in dst's
// memory where that is enough. The record is indexed if it was not; the error
// is what the index says.
func (l *Layout) Values(dst []pipeline.Value, r *pipeline.Record) ([]pipeline.Value, *pipeline.RecordError) {
	if err := r.Index(pipeline.DefaultMaxDepth); err != nil {
		return dst, err
	}
	return r.GetAll(dst, l.paths), nil
}

// IsRaw says whether column i is the line as it came in.
func (l *Layout) IsRaw(i int) bool { return l.fields[i].origin == fromRaw }

// AppendWhole appends the text of column i, which does not come from a field.
func (l *Layout) AppendWhole(dst []byte, b *pipeline.Batch, r *pipeline.Record, i int) []byte {
	return l.appendOrigin(dst, b, r, l.fields[i].origin)
}

// NoKey is the error of a record without a value for column i, which is of the
// key.
func (l *Layout) NoKey(i int) *pipeline.RecordError { return l.fields[i].noKey() }

// Misfit is the error of a value that does not fit column i, which takes what
// takes says.
func (l *Layout) Misfit(i int, v pipeline.Value, takes string) *pipeline.RecordError {
	return l.fields[i].misfit(&v, takes)
}

// MisfitWhole is Misfit for a column that does not come from a field.
func (l *Layout) MisfitWhole(i int, takes string) *pipeline.RecordError {
	return l.fields[i].reject("the record does not fit column %s, which takes %s", l.fields[i].Name, takes)
}
