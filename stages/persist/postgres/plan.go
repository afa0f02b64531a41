package postgres

import (
	"encoding/binary"
	"slices"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// plan is how rows are encoded for a table as it is. It does not change once
// made, and any number of goroutines may use it.
type plan struct {
	layout  *row.Layout
	columns []planned
	keyed   bool
}

// planned is one column of a plan.
type planned struct {
	name     string
	oid      uint32 // of the column's type, as declared
	modifier int32  // of the type: a length, or a precision and scale
	encoding
	key bool
}

// same says whether rows of one plan suit the other.
func (p *plan) same(o *plan) bool {
	return p == o || p != nil && o != nil && slices.Equal(p.columns, o.columns)
}

const null = -1 // the length of NULL

// append adds the row of one record to t's data; on an error a part of it may
// be there.
func (p *plan) append(t *tuples, b *pipeline.Batch, r *pipeline.Record) (err *pipeline.RecordError) {
	if t.values, err = p.layout.Values(t.values, r); err != nil {
		return err
	}
	t.data = binary.BigEndian.AppendUint16(t.data, uint16(len(p.columns)))
	for i := range t.values {
		if err := p.appendField(t, i, &t.values[i]); err != nil {
			return err
		}
	}
	for i := len(t.values); i < len(p.columns); i++ {
		if err := p.appendWhole(t, b, r, i); err != nil {
			return err
		}
	}
	return nil
}

// appendField adds the value of a column that comes from a field.
func (p *plan) appendField(t *tuples, i int, v *pipeline.Value) *pipeline.RecordError {
	c := &p.columns[i]
	kind := v.Kind()
	if kind == pipeline.KindMissing || kind == pipeline.KindNull {
		if c.key {
			return p.layout.NoKey(i)
		}
		t.data = appendLength(t.data, null)
		return nil
	}
	lo := len(t.data)
	if !t.appendValue(c.encoding, v, kind) {
		return p.layout.Misfit(i, *v, c.takes())
	}
	if c.key {
		t.hash = mix(t.hash, t.data[lo:])
	}
	return nil
}

// appendWhole adds a column that does not come from one field.
func (p *plan) appendWhole(t *tuples, b *pipeline.Batch, r *pipeline.Record, i int) *pipeline.RecordError {
	c := &p.columns[i]
	lo := t.open()
	if c.format == formatJSONB {
		t.data = append(t.data, jsonbVersion)
	}
	from := len(t.data)
	t.data = p.layout.AppendWhole(t.data, b, r, i)
	text := t.data[from:]
	switch c.format {
	case formatTimestamp: // the time of receipt, which is one
		micros, _ := row.Timestamp(text)
		t.data = appendInt64(t.data[:lo+lengthSize], micros-epochMicros)
	case formatJSONB:
		if !jsonbTakes(text) {
			return p.layout.MisfitWhole(i, c.takes())
		}
	}
	t.close(lo)
	return nil
}
