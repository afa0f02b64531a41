package postgres

import (
	"context"
	"sync/atomic"

	"sluice/pipeline"
)

// Encoder is the stage that makes rows: it attaches to each batch one row for
// each record that it leaves alive, as COPY takes it. A record with a
// value that does not fit its column becomes a dead letter
// (pipeline.CodeColumnType).
//
// It encodes for the columns that the table had when the sink last looked. When
// the table is changed meanwhile, the sink encodes again what does not suit it.
type Encoder struct{ plan atomic.Pointer[plan] }

// Process implements pipeline.Stage. Called again after a failure it goes on
// with the rows it has.
func (e *Encoder) Process(_ context.Context, b *pipeline.Batch) error {
	t, ok := b.Payload.(*tuples)
	if !ok {
		t = newTuples(e.plan.Load())
		b.Payload = t
	}
	for r := range b.Each() {
		t.add(b, r)
	}
	return nil
}

// encodeAgain makes the rows of a batch anew for another plan.
func encodeAgain(b *pipeline.Batch, t *tuples, p *plan) {
	t.reset()
	t.plan = p
	for i := range b.Len() {
		if r := b.Record(i); r.Live() {
			t.add(b, r)
		}
	}
}

// add adds the row of one record, or rejects the record.
func (t *tuples) add(b *pipeline.Batch, r *pipeline.Record) {
	t.data, t.hash = t.data[:t.end()], 0 // without a row that a panic broke off
	if err := t.plan.append(t, b, r); err != nil {
		t.data = t.data[:t.end()]
		r.Reject(err)
		return
	}
	t.ends = append(t.ends, len(t.data))
	t.records = append(t.records, r)
	if t.plan.keyed {
		t.hashes = append(t.hashes, t.hash)
		t.old = append(t.old, false)
	}
}
