package row

import (
	"fmt"
	"math"
	"net/netip"
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
	if o == fromRest || o == fromRecord {
		kind = JSON
	}
	rows.text = l.appendOrigin(rows.text, b, r, o)
	rows.addText(kind, lo)
}

// appendOrigin appends the text of a column that does not come from one field.
func (l *Layout) appendOrigin(dst []byte, b *pipeline.Batch, r *pipeline.Record, o origin) []byte {
	switch o {
	case fromRest:
		return r.AppendWithout(dst, l.paths)
	case fromRecord:
		return r.AppendJSON(dst)
	case fromRaw:
		return append(dst, r.Raw()...)
	case fromLane:
		return append(dst, r.Lane().String()...)
	default:
		return b.Read().UTC().AppendFormat(dst, TimeFormat)
	}
}

// TimeFormat is how sluice writes a time of its own: RFC 3339 in UTC with
// milliseconds.
const TimeFormat = "2006-01-02T15:04:05.000Z"

// appendField adds the cell of a field.
func (f *field) appendField(rows *Rows, v *pipeline.Value) *pipeline.RecordError {
	kind := v.Kind()
	if kind == pipeline.KindMissing || kind == pipeline.KindNull {
		if f.Key {
			return f.noKey()
		}
		rows.addNull()
		return nil
	}
	if !f.appendValue(rows, v, kind) {
		return f.misfit(v, f.Type.Takes())
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
		x, ok := Real(v)
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
	case TypeNumeric:
		if kind != pipeline.KindNumber {
			return false
		}
		rows.text = append(rows.text, v.JSON()...)
		rows.addText(JSON, lo)
	case TypeTimestamp:
		return kind == pipeline.KindString && rows.appendTimestamp(v)
	case TypeDate, TypeUUID, TypeInet:
		return kind == pipeline.KindString && rows.appendSpelled(f.Type, v)
	default:
		element, _ := f.Type.Element()
		if kind != pipeline.KindArray || !rows.holds(element, v) {
			return false
		}
		rows.text = append(rows.text, v.JSON()...)
		rows.addText(JSON, lo)
	}
	return true
}

// holds says whether every element of a list is null or fits its type.
func (r *Rows) holds(element Type, list *pipeline.Value) bool {
	cells, size := len(r.cells), len(r.text)
	f := field{Column: Column{Type: element}}
	for v := range list.Children() {
		kind := v.Kind()
		fits := kind == pipeline.KindNull || f.appendValue(r, &v, kind)
		r.cut(cells, size)
		if !fits {
			return false
		}
	}
	return true
}

// appendSpelled adds a value whose type has one spelling only.
func (r *Rows) appendSpelled(t Type, v *pipeline.Value) bool {
	lo := len(r.text)
	r.text = v.AppendText(r.text)
	ok := false
	switch text := r.text[lo:]; t {
	case TypeDate:
		_, ok = Date(text)
	case TypeUUID:
		var id [16]byte
		if id, ok = UUID(text); ok {
			r.text = appendUUID(r.text[:lo], id)
		}
	case TypeInet:
		var p netip.Prefix
		if p, ok = Inet(text); ok {
			r.text = appendInet(r.text[:lo], p)
		}
	}
	if !ok {
		r.text = r.text[:lo]
		return false
	}
	r.addText(Text, lo)
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

func (f *field) noKey() *pipeline.RecordError {
	return f.reject("key column %s has no value; every row needs one", f.Name)
}

func (f *field) misfit(v *pipeline.Value, takes string) *pipeline.RecordError {
	return f.reject("%s is %s; column %s takes %s", f.pointer, excerpt(v.JSON()), f.Name, takes)
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
