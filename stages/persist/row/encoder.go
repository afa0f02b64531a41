package row

import (
	"context"

	"sluice/pipeline"
)

// Encoder is the stage that makes rows: it attaches to each batch a *Rows with
// one row for each record that it leaves alive. A record with a value that
// does not fit its column becomes a dead letter (pipeline.CodeColumnType).
type Encoder struct{ layout *Layout }

// NewEncoder returns the stage for a layout.
func NewEncoder(l *Layout) *Encoder { return &Encoder{layout: l} }

// Process implements pipeline.Stage. Called again after a failure it goes on
// with the rows it has.
func (e *Encoder) Process(_ context.Context, b *pipeline.Batch) error {
	rows, ok := b.Payload.(*Rows)
	if !ok {
		rows = e.layout.NewRows()
		b.Payload = rows
	}
	rows.cut(rows.Len()*rows.width, len(rows.text)) // a row that a panic broke off
	for r := range b.Each() {
		if err := e.layout.Append(rows, b, r); err != nil {
			r.Reject(err)
		}
	}
	return nil
}

// Take takes the rows off a batch; nil when the encoder has not seen it.
func Take(b *pipeline.Batch) *Rows {
	rows, _ := b.Payload.(*Rows)
	b.Payload = nil
	return rows
}
