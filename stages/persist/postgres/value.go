package postgres

import (
	"bytes"
	"encoding/binary"
	"math"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// The server counts time from the year 2000.
const (
	epochDays   = 10957
	epochMicros = epochDays * 86_400_000_000
)

const jsonbVersion = 1

// lengthSize is what stands before each value: its length.
const lengthSize = 4

// open leaves room for the length of a value and returns where; close fills it
// in.
func (t *tuples) open() int {
	lo := len(t.data)
	t.data = append(t.data, 0, 0, 0, 0)
	return lo
}

func (t *tuples) close(lo int) {
	binary.BigEndian.PutUint32(t.data[lo:], uint32(len(t.data)-lo-lengthSize))
}

func appendLength(dst []byte, n int32) []byte { return binary.BigEndian.AppendUint32(dst, uint32(n)) }

func appendInt64(dst []byte, n int64) []byte { return binary.BigEndian.AppendUint64(dst, uint64(n)) }

// appendValue adds a value that exists and is not null, its length before it;
// false, and a part of it, when it does not fit.
func (t *tuples) appendValue(e encoding, v *pipeline.Value, kind pipeline.Kind) bool {
	if e.list {
		return kind == pipeline.KindArray && t.appendList(e, v)
	}
	switch e.format {
	case formatInt8, formatInt4, formatInt2, formatWhole:
		n, ok := v.Int64()
		return ok && t.appendInteger(e.format, n)
	case formatFloat8:
		x, ok := row.Real(v)
		t.data = appendInt64(appendLength(t.data, 8), int64(math.Float64bits(x)))
		return ok
	case formatFloat4:
		x, ok := row.Real(v)
		near := float32(x)
		t.data = binary.BigEndian.AppendUint32(appendLength(t.data, 4), math.Float32bits(near))
		return ok && !math.IsInf(float64(near), 0) && (near != 0 || x == 0)
	case formatBool:
		b, ok := v.Bool()
		t.data = append(appendLength(t.data, 1), 0)
		if b {
			t.data[len(t.data)-1] = 1
		}
		return ok
	case formatNumeric:
		return kind == pipeline.KindNumber && t.appendNumeric(v.JSON())
	case formatJSON, formatJSONB:
		return t.appendJSON(e.format, v.JSON())
	case formatText:
		return t.appendText(v, kind)
	default:
		return kind == pipeline.KindString && t.appendParsed(e.format, v)
	}
}

func (t *tuples) appendInteger(f format, n int64) bool {
	switch f {
	case formatInt8:
		t.data = appendInt64(appendLength(t.data, 8), n)
	case formatInt4:
		t.data = binary.BigEndian.AppendUint32(appendLength(t.data, 4), uint32(n))
		return n == int64(int32(n))
	case formatInt2:
		t.data = binary.BigEndian.AppendUint16(appendLength(t.data, 2), uint16(n))
		return n == int64(int16(n))
	default:
		t.appendWholeNumeric(n)
	}
	return true
}

// appendText adds a string, or a number or boolean as it is spelled.
func (t *tuples) appendText(v *pipeline.Value, kind pipeline.Kind) bool {
	if kind == pipeline.KindArray || kind == pipeline.KindObject {
		return false
	}
	lo := t.open()
	from := len(t.data)
	t.data = v.AppendText(t.data)
	t.close(lo)
	return bytes.IndexByte(t.data[from:], 0) < 0
}

func (t *tuples) appendJSON(f format, json []byte) bool {
	lo := t.open()
	if f == formatJSONB {
		if !jsonbTakes(json) {
			return false
		}
		t.data = append(t.data, jsonbVersion)
	}
	t.data = append(t.data, json...)
	t.close(lo)
	return true
}

// appendParsed adds a string that means something else.
func (t *tuples) appendParsed(f format, v *pipeline.Value) bool {
	t.scratch = v.AppendText(t.scratch[:0])
	switch f {
	case formatTimestamp:
		micros, ok := row.Timestamp(t.scratch)
		t.data = appendInt64(appendLength(t.data, 8), micros-epochMicros)
		return ok
	case formatDate:
		days, ok := row.Date(t.scratch)
		t.data = binary.BigEndian.AppendUint32(appendLength(t.data, 4), uint32(days-epochDays))
		return ok
	case formatUUID:
		id, ok := row.UUID(t.scratch)
		t.data = append(appendLength(t.data, 16), id[:]...)
		return ok
	case formatInet, formatCIDR:
		return t.appendInet(f == formatCIDR)
	}
	return false
}

// appendInet adds the address in scratch (inet_recv in the server's network.c), or
// the network, which has no bits beyond its prefix.
func (t *tuples) appendInet(network bool) bool {
	p, ok := row.Inet(t.scratch)
	if !ok || network && p != p.Masked() {
		return false
	}
	flag := byte(0)
	if network {
		flag = 1
	}
	if a := p.Addr(); a.Is4() {
		b := a.As4()
		t.data = append(appendLength(t.data, 8), 2, byte(p.Bits()), flag, 4)
		t.data = append(t.data, b[:]...)
	} else {
		b := a.As16()
		t.data = append(appendLength(t.data, 20), 3, byte(p.Bits()), flag, 16)
		t.data = append(t.data, b[:]...)
	}
	return true
}

// appendList adds a list of one dimension (array_recv in arrayfuncs.c).
func (t *tuples) appendList(e encoding, list *pipeline.Value) bool {
	lo := t.open()
	n, nulls := 0, uint32(0)
	t.data = append(t.data, 0, 0, 0, 0, 0, 0, 0, 0)
	t.data = binary.BigEndian.AppendUint32(t.data, e.element)
	head := len(t.data)
	t.data = append(t.data, 0, 0, 0, 0, 0, 0, 0, 1) // how many, counted from 1
	one := encoding{typ: e.typ, format: e.format}
	for v := range list.Children() {
		n++
		kind := v.Kind()
		if kind == pipeline.KindNull {
			nulls = 1
			t.data = appendLength(t.data, null)
			continue
		}
		if !t.appendValue(one, &v, kind) {
			return false
		}
	}
	if n == 0 {
		t.data = t.data[:head] // of no dimension
	} else {
		binary.BigEndian.PutUint32(t.data[lo+lengthSize:], 1)
		binary.BigEndian.PutUint32(t.data[lo+lengthSize+4:], nulls)
		binary.BigEndian.PutUint32(t.data[head:], uint32(n))
	}
	t.close(lo)
	return true
}
