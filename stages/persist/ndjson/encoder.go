package ndjson

import (
	"context"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// Encoder is the stage that writes each live record as a line: the columns of
// a layout, or the record itself.
type Encoder struct {
	layout *row.Layout // nil for the record itself
}

// NewEncoder returns the stage for a layout, nil for the record itself.
func NewEncoder(l *row.Layout) *Encoder { return &Encoder{layout: l} }

// Process implements pipeline.Stage. Called again after a failure it goes on
// with the lines it has.
func (e *Encoder) Process(_ context.Context, b *pipeline.Batch) error {
	l, ok := b.Payload.(*lines)
	if !ok {
		l = linesPool.Get().(*lines)
		b.Payload = l
	}
	for r := range b.Each() {
		out, err := e.append(l.bytes, b, r)
		if err != nil {
			r.Reject(err)
			continue
		}
		l.bytes = append(out, '\n')
		l.count++
	}
	return nil
}

// append appends a record's line without its end.
func (e *Encoder) append(dst []byte, b *pipeline.Batch, r *pipeline.Record) ([]byte, *pipeline.RecordError) {
	if e.layout == nil {
		if err := r.Index(pipeline.DefaultMaxDepth); err != nil {
			return dst, err
		}
		return r.AppendJSON(dst), nil
	}
	rows := e.layout.NewRows()
	defer rows.Release()
	if err := e.layout.Append(rows, b, r); err != nil {
		return dst, err
	}
	return e.layout.AppendJSON(dst, rows, 0), nil
}
