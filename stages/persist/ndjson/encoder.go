package ndjson

import (
	"context"
	"sync"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// lines are the rows of a batch as NDJSON: what the encoder attaches to it.
type lines struct {
	bytes []byte
	count int
}

var linesPool = sync.Pool{New: func() any { return new(lines) }}

// maxKept is the largest buffer that is kept for the next batch.
const maxKept = 1 << 20

func (l *lines) release() {
	if cap(l.bytes) > maxKept {
		l.bytes = nil
	}
	l.bytes, l.count = l.bytes[:0], 0
	linesPool.Put(l)
}

// Size implements pipeline.Sized: the lines count in the budget until the sink
// has them.
func (l *lines) Size() int64 { return int64(cap(l.bytes)) }

var _ pipeline.Sized = (*lines)(nil)

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

// appendLines takes the lines off a group's batches and appends them to dst.
func appendLines(dst []byte, g *pipeline.Group) ([]byte, error) {
	for _, b := range g.Batches {
		l, _ := b.Payload.(*lines)
		b.Payload = nil
		switch {
		case l == nil && b.Live() == 0:
			continue
		case l == nil || l.count != b.Live():
			return dst, errNotEncoded
		}
		dst = append(dst, l.bytes...)
		l.release()
	}
	return dst, nil
}
