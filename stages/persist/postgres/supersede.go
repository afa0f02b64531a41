package postgres

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"
)

// One INSERT ... ON CONFLICT changes a row once only. Of several rows of a group
// that have one key the last one wins, so the others need not go in. Rows are
// compared as they are encoded: keys that are equal to the server and not
// here (1.0 and 1.00 as numeric) make it refuse the statement, and the group
// goes in row by row, which has the same end.

var seed = maphash.MakeSeed()

// mix adds a value of the key to a row's hash.
func mix(hash uint64, value []byte) uint64 {
	return bits.RotateLeft64(hash, 1) ^ maphash.Bytes(seed, value)
}

// rowAt is where a row stands.
type rowAt struct {
	t *tuples
	i int
}

// supersede marks the rows of the group that a later one takes the place of, and
// returns how many they are.
func (d *DB) supersede() (superseded int) {
	clear(d.latest)
	for b := len(d.batches) - 1; b >= 0; b-- {
		t, ok := d.batches[b].Payload.(*tuples)
		if !ok {
			continue
		}
		for i := len(t.ends) - 1; i >= 0; i-- {
			t.old[i] = false
			if !t.records[i].Live() {
				continue
			}
			later, ok := d.latest[t.hashes[i]]
			if !ok {
				d.latest[t.hashes[i]] = rowAt{t, i}
			} else if t.plan.sameKey(t.row(i), later.t.row(later.i)) {
				t.old[i] = true
				superseded++
			}
		}
	}
	clear(d.latest) // it keeps the tuples' memory
	return superseded
}

// sameKey says whether two rows have the same key.
func (p *plan) sameKey(a, b []byte) bool {
	a, b = a[2:], b[2:] // the number of columns
	for _, c := range p.columns {
		x, restA := cutValue(a)
		y, restB := cutValue(b)
		if c.key && !bytes.Equal(x, y) {
			return false
		}
		a, b = restA, restB
	}
	return true
}

// cutValue takes the first value off the rest of a row.
func cutValue(row []byte) (value, rest []byte) {
	n := int32(binary.BigEndian.Uint32(row))
	row = row[lengthSize:]
	if n == null {
		return nil, row
	}
	return row[:n], row[n:]
}
