package row

import (
	"fmt"
	"math"
	"unicode/utf8"

	"sluice/pipeline"
)

// Append adds the row of one record of b. An error (CodeColumnType, or what the
// record's index says) adds nothing.
func (l *Layout) Append(rows *Rows, b *pipeline.Batch, r *pipeline.Record) *pipeline.RecordError {
	if err := r.Index(pipeline.DefaultMaxDepth); err != nil {
		return err
	}
	cells, size := len(rows.cells), len(rows.text)
	rows.values = r.GetAll(rows.values, l.paths)
	for i := range rows.values {
		if err := l.fields[i].appendField(rows, &rows.values[i]); err != nil {
			rows.cut(cells, size)
			return err
		}
	}
	for _, f := range l.fields[len(rows.values):] {
		l.appendWhole(rows, b, r, f.origin)
	}
	return nil
}

// appendWhole adds a cell that does not come from one field. It cannot fail.
func (l *Layout) appendWhole(rows *Rows, b *pipeline.Batch, r *pipeline.Record, o origin) {
	lo, kind := len(rows.text), Text
	switch o {
	case fromRest:
		rows.text, kind = r.AppendWithout(rows.text, l.paths), JSON
	case fromRecord:
		rows.text, kind = r.AppendJSON(rows.text), JSON
	case fromRaw:
		rows.text = append(rows.text, r.Raw()...)
	case fromLane:
		rows.text = append(rows.text, r.Lane().String()...)
	case fromReceived:
		rows.text = b.Read().UTC().AppendFormat(rows.text, TimeFormat)
	}
	rows.addText(kind, lo)
}

// TimeFormat is how sluice writes a time of its own: RFC 3339 in UTC with
// milliseconds.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// appendField adds the cell of a field.
func (f *field) appendField(rows *Rows, v *pipeline.Value) *pipeline.RecordError {
	kind := v.Kind()
	if kind == pipeline.KindMissing || kind == pipeline.KindNull {
		if f.Key {
			return f.reject("key column %s has no value; every row needs one", f.Name)
		}
		rows.addNull()
		return nil
	}
	if !f.appendValue(rows, v, kind) {
		return f.reject("%s is %s; column %s takes %s", f.pointer, excerpt(v.JSON()), f.Name, f.Type.takes())
	}
	return nil
}

// appendValue adds a value that exists and is not null; false when it does not
// fit.
func (f *field) appendValue(rows *Rows, v *pipeline.Value, kind pipeline.Kind) bool {
	lo := len(rows.text)
	switch f.Type {
	case TypeText:
		if kind == pipeline.KindArray || kind == pipeline.KindObject {
			return false
		}
		rows.text = v.AppendText(rows.text)
		rows.addText(Text, lo)
	case TypeJSON:
		rows.text = append(rows.text, v.JSON()...)
		rows.addText(JSON, lo)
	case TypeInteger:
		n, ok := v.Int64()
		if !ok {
			return false
		}
		rows.addBits(Int, uint64(n))
	case TypeReal:
		x, ok := v.Float64()
		if !ok {
			return false
		}
		rows.addBits(Float, math.Float64bits(x))
	case TypeBoolean:
		b, ok := v.Bool()
		if !ok {
			return false
		}
		rows.addBits(Bool, bit(b))
	case TypeTimestamp:
		return kind == pipeline.KindString && rows.appendTimestamp(v)
	}
	return true
}

// appendTimestamp adds a timestamp in UTC.
func (r *Rows) appendTimestamp(v *pipeline.Value) bool {
	lo := len(r.text)
	r.text = v.AppendText(r.text)
	if asUTC(r.text[lo:]) {
		r.addText(Text, lo)
		return true
	}
	hi := len(r.text)
	text, ok := appendUTC(r.text, r.text[lo:hi])
	r.text = text
	if !ok {
		r.text = r.text[:lo]
		return false
	}
	r.addText(Text, hi)
	return true
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func (f *field) reject(format string, args ...any) *pipeline.RecordError {
	return &pipeline.RecordError{Code: pipeline.CodeColumnType, Pointer: f.pointer, Message: fmt.Sprintf(format, args...)}
}

// maxExcerpt is how many bytes of a value a message shows.
const maxExcerpt = 60

// excerpt shows a value in a message, cut between two characters.
func excerpt(json []byte) string {
	if len(json) <= maxExcerpt {
		return string(json)
	}
	cut := maxExcerpt
	for !utf8.RuneStart(json[cut]) {
		cut--
	}
	return fmt.Sprintf("%s... (%d bytes)", json[:cut], len(json))
}
