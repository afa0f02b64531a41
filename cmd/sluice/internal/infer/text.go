package infer

import (
	"bytes"
	"math"
	"slices"
	"unicode/utf8"

	"sluice/pipeline"
	"sluice/stages/timestamp"
	"sluice/stages/validate/format"
)

// formats are those that are looked for, the most telling first. The others of
// JSON Schema fit too many texts that mean something else: any word is a
// hostname, and the empty text a JSON Pointer.
var formats = [...]struct {
	name string
	is   func([]byte) bool
}{
	{"date-time", format.Lookup("date-time")},
	{"date", format.Lookup("date")},
	{"time", format.Lookup("time")},
	{"uuid", format.Lookup("uuid")},
	{"ipv4", format.Lookup("ipv4")},
	{"ipv6", format.Lookup("ipv6")},
	{"email", format.Lookup("email")},
	{"uri", isURL},
}

// isURL is the format uri for what has an authority: "a:b" is a URI too.
func isURL(text []byte) bool {
	return bytes.Contains(text, []byte("://")) && format.Lookup("uri")(text)
}

// texts is what is known of the strings at one place.
type texts struct {
	formats           uint16           // bits of formats that all have
	stamps            bool             // all fit a column of timestamps
	shortest, longest int64            // characters
	bytes             int64            // of all
	values            map[string]int64 // how often each came; nil when there are too many
}

func newTexts() *texts {
	return &texts{formats: 1<<len(formats) - 1, stamps: true, shortest: math.MaxInt64, values: map[string]int64{}}
}

// observe takes a string in. buf is memory to use.
func (t *texts) observe(buf []byte, v pipeline.Value) []byte {
	text := v.Text(buf)
	for i := range formats {
		if bit := uint16(1) << i; t.formats&bit != 0 && !formats[i].is(text) {
			t.formats &^= bit
		}
	}
	t.stamps = t.stamps && isStamp(text)
	n := int64(utf8.RuneCount(text))
	t.shortest, t.longest = min(t.shortest, n), max(t.longest, n)
	t.bytes += int64(len(text))
	t.note(text)
	if len(v.JSON()) != len(text)+2 {
		return text[:0] // it was unescaped, into buf or its successor
	}
	return buf
}

// note counts a value, as long as there are few. U+FFFD may stand for what no
// text can say.
func (t *texts) note(text []byte) {
	if t.values == nil {
		return
	}
	if _, known := t.values[string(text)]; !known {
		if len(t.values) == maxDistinct || len(text) > maxValue || bytes.ContainsRune(text, utf8.RuneError) {
			t.values = nil
			return
		}
	}
	t.values[string(text)]++
}

func isStamp(text []byte) bool {
	at, ok := timestamp.Parse(text)
	if !ok {
		return false
	}
	year := at.UTC().Year()
	return year >= 0 && year <= 9999
}

func (t *texts) merge(b *texts) {
	t.formats &= b.formats
	t.stamps = t.stamps && b.stamps
	t.shortest, t.longest = min(t.shortest, b.shortest), max(t.longest, b.longest)
	t.bytes += b.bytes
	if b.values == nil {
		t.values = nil
	}
	for value, n := range b.values {
		if t.values == nil {
			break
		}
		t.note([]byte(value))
		if t.values != nil {
			t.values[value] += n - 1
		}
	}
}

// format returns the first format that all texts have, "" for none.
func (t *texts) format() string {
	for i := range formats {
		if t.formats&(1<<i) != 0 {
			return formats[i].name
		}
	}
	return ""
}

// The signs of a place that has one of few values: each came several times, and
// on average often.
const (
	enumEach    = 3
	enumAverage = 10
)

// enum returns the values of a place that has one of few, sorted; nil where it
// does not look like that. A single value says nothing about others.
func (t *texts) enum() []string {
	total := int64(0)
	var values []string
	for value, n := range t.values {
		if n < enumEach {
			return nil
		}
		total += n
		values = append(values, value)
	}
	if len(values) < 2 || total < int64(enumAverage*len(values)) {
		return nil
	}
	slices.Sort(values)
	return values
}
