package pipeline

import "iter"

// Value is a view of one JSON value inside a record. It is valid until the
// record changes or its batch is released, and must not be kept longer. The
// zero Value is missing.
type Value struct {
	src   []byte // what the nodes' offsets count from
	nodes []Node // the index that at points into
	at    uint32
}

// NewValue returns the root of a scanned text.
func NewValue(src []byte, nodes []Node) Value { panic("skeleton") }

// Kind returns the value's type, KindMissing for the zero Value.
func (v Value) Kind() Kind { panic("skeleton") }

// Exists says whether there is a value; null is one.
func (v Value) Exists() bool { panic("skeleton") }

// JSON returns the value as it is spelled. The bytes are the record's own.
func (v Value) JSON() []byte { panic("skeleton") }

// AppendText appends the value of a string, unescaped; of any other kind its
// JSON spelling. Lone surrogates become U+FFFD, as encoding/json has it.
func (v Value) AppendText(dst []byte) []byte { panic("skeleton") }

// Text is AppendText without a copy where the string has no escape: the bytes
// are then the record's own. buf is used otherwise and may be nil.
func (v Value) Text(buf []byte) []byte { panic("skeleton") }

// Bool returns the value of a boolean; ok is false for any other kind.
func (v Value) Bool() (b, ok bool) { panic("skeleton") }

// Int64 returns the value of a number that is a whole number within int64,
// however it is spelled (1, 1.0, 1e2); ok is false otherwise. Exact.
func (v Value) Int64() (n int64, ok bool) { panic("skeleton") }

// Float64 returns the nearest float64 of a number; ok is false for any other
// kind and where the number is beyond float64.
func (v Value) Float64() (f float64, ok bool) { panic("skeleton") }

// EqualText says whether v is a string whose unescaped value is s.
func (v Value) EqualText(s string) bool { panic("skeleton") }

// Len returns the number of elements or members, duplicates of a key counted.
func (v Value) Len() int { panic("skeleton") }

// Key returns the key under which v was found in its object, unescaped.
func (v Value) Key() string { panic("skeleton") }

// Member returns the object's last member of that key, or the zero Value.
func (v Value) Member(key string) Value { panic("skeleton") }

// Element returns the array's element i, or the zero Value. Time linear in i.
func (v Value) Element(i int) Value { panic("skeleton") }

// Children iterates over an array's elements or an object's members (see Key),
// in the order of the text, duplicates included.
func (v Value) Children() iter.Seq[Value] { panic("skeleton") }
