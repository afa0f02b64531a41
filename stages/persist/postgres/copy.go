package postgres

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"sluice/pipeline"
)

// What stands before and behind the rows (COPY, Binary Format).
var (
	copyHead = []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	copyTail = []byte{0xff, 0xff}
)

// reader reads parts one behind the other. The driver reads it in a goroutine
// of its own that may outlive a call that failed; stop takes the parts away
// from it.
type reader struct {
	mu    sync.Mutex // guards what follows
	parts [][]byte
	at    int           // in the first of them
	sent  *atomic.Int64 // is told of each byte
}

// Read implements io.Reader.
func (r *reader) Read(p []byte) (n int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	defer func() { r.sent.Add(int64(n)) }()
	for n < len(p) {
		if len(r.parts) == 0 {
			return n, io.EOF
		}
		c := copy(p[n:], r.parts[0][r.at:])
		n, r.at = n+c, r.at+c
		if r.at == len(r.parts[0]) {
			r.parts, r.at = r.parts[1:], 0
		}
	}
	return n, nil
}

// stop ends the input, whatever is left.
func (r *reader) stop() {
	r.mu.Lock()
	r.parts = nil
	r.mu.Unlock()
}

// copyParts sends rows with a COPY, and whatever SQL stands before it in the
// same message.
func (d *DB) copyParts(ctx context.Context, sql string) error {
	d.parts = append(d.parts, copyTail)
	r := &reader{parts: d.parts, sent: &d.sent}
	_, err := d.conn.CopyFrom(ctx, r, sql)
	r.stop()
	clear(d.parts)
	d.parts = d.parts[:0]
	return broken(err)
}

// begin makes ready for the parts of a COPY.
func (d *DB) begin() { d.parts = append(d.parts[:0], copyHead) }

// streamRows puts rows lo to hi of the group among the parts, those of live
// records, counted through all batches.
func (d *DB) streamRows(lo, hi int) {
	d.begin()
	first := 0
	for _, b := range d.batches {
		n := b.Live()
		if n > 0 && first < hi && lo < first+n {
			d.streamBatch(b, max(lo-first, 0), min(hi-first, n))
		}
		first += n
	}
}

// streamBatch puts rows of one batch among the parts.
func (d *DB) streamBatch(b *pipeline.Batch, lo, hi int) {
	t := b.Payload.(*tuples)
	if len(t.ends) == b.Live() {
		from := 0
		if lo > 0 {
			from = t.ends[lo-1]
		}
		d.parts = append(d.parts, t.data[from:t.ends[hi-1]])
		return
	}
	live := 0
	for i, r := range t.records { // some were refused
		if !r.Live() {
			continue
		}
		if live >= lo && live < hi {
			d.parts = append(d.parts, t.row(i))
		}
		live++
	}
}

// streamLatest puts all rows of the group among the parts that no later one
// takes the place of.
func (d *DB) streamLatest() {
	d.begin()
	for _, b := range d.batches {
		t, ok := b.Payload.(*tuples)
		if !ok {
			continue
		}
		for i, r := range t.records {
			if r.Live() && !t.old[i] {
				d.parts = append(d.parts, t.row(i))
			}
		}
	}
}
