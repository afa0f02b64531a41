package schema

import (
	"bytes"
	"cmp"
	"math/bits"
	"strconv"
)

// short is a number of at most 18 digits, exact: m / 10^scale.
type short struct {
	m        uint64
	scale    uint8
	negative bool
}

const maxShort = 18

var powersOfTen = func() (p [maxShort + 1]uint64) {
	p[0] = 1
	for i := 1; i < len(p); i++ {
		p[i] = 10 * p[i-1]
	}
	return p
}()

// parseShort reads a JSON number; ok is false for one with an exponent or more
// digits.
func parseShort(text []byte) (s short, ok bool) {
	if text[0] == '-' {
		s.negative = true
		text = text[1:]
	}
	if len(text) > maxShort+1 {
		return s, false
	}
	point := len(text)
	for i, c := range text {
		switch {
		case c-'0' <= 9:
			s.m = s.m*10 + uint64(c-'0')
		case c == '.':
			point = i + 1
		default:
			return s, false
		}
	}
	s.scale = uint8(len(text) - point)
	if s.m == 0 {
		s.negative = false
	}
	return s, len(text) <= maxShort || point < len(text)
}

// compareShort compares two numbers.
func compareShort(a, b short) int {
	if a.negative != b.negative {
		if a.negative {
			return -1
		}
		return 1
	}
	c := compareMagnitude(a, b)
	if a.negative {
		return -c
	}
	return c
}

func compareMagnitude(a, b short) int {
	if a.scale == b.scale {
		return cmp.Compare(a.m, b.m)
	}
	if a.scale > b.scale {
		return -compareMagnitude(b, a)
	}
	hi, lo := bits.Mul64(a.m, powersOfTen[b.scale-a.scale])
	if hi > 0 {
		return 1
	}
	return cmp.Compare(lo, b.m)
}

// decimal is a JSON number of any length: digits, which may hold one point,
// without zeros at either end, times ten to the power of exponent, which counts
// from the last digit. Zero has no digits. Nothing is copied.
type decimal struct {
	digits   []byte
	exponent int64
	negative bool
}

// maxExponent bounds the exponents that are told apart: no text has the zeros
// to make up for more.
const maxExponent = 1 << 40

// parseDecimal reads a JSON number in time linear in its length.
func parseDecimal(text []byte) decimal {
	d := decimal{negative: text[0] == '-'}
	if d.negative {
		text = text[1:]
	}
	e := bytes.IndexByte(text, 'e')
	if e < 0 {
		e = bytes.IndexByte(text, 'E')
	}
	if e >= 0 {
		d.exponent = parseExponent(text[e+1:])
		text = text[:e]
	}
	if point := bytes.IndexByte(text, '.'); point >= 0 {
		d.exponent -= int64(len(text) - point - 1)
	}
	for len(text) > 0 && (text[len(text)-1] == '0' || text[len(text)-1] == '.') {
		if text[len(text)-1] == '0' {
			d.exponent++
		}
		text = text[:len(text)-1]
	}
	for len(text) > 0 && (text[0] == '0' || text[0] == '.') {
		text = text[1:]
	}
	d.digits = text
	if len(text) == 0 {
		return decimal{}
	}
	return d
}

func parseExponent(text []byte) int64 {
	negative := text[0] == '-'
	if negative || text[0] == '+' {
		text = text[1:]
	}
	n := int64(0)
	for _, c := range text {
		if n < maxExponent {
			n = n*10 + int64(c-'0')
		}
	}
	if negative {
		return -n
	}
	return n
}

// whole says whether the number is an integer.
func (d decimal) whole() bool { return d.exponent >= 0 }

// top returns the exponent that counts from before the first digit.
func (d decimal) top() int64 {
	n := int64(len(d.digits))
	if bytes.IndexByte(d.digits, '.') >= 0 {
		n--
	}
	return n + d.exponent
}

// compareDecimal compares two numbers in time linear in their lengths.
func compareDecimal(a, b decimal) int {
	switch {
	case len(a.digits) == 0 && len(b.digits) == 0:
		return 0
	case len(a.digits) == 0 && b.negative, len(b.digits) == 0 && !a.negative, b.negative && !a.negative:
		return 1
	case len(a.digits) == 0, len(b.digits) == 0, a.negative && !b.negative:
		return -1
	}
	c := cmp.Compare(a.top(), b.top())
	if c == 0 {
		c = compareDigits(a.digits, b.digits)
	}
	if a.negative {
		return -c
	}
	return c
}

// compareDigits compares digits that begin at the same power of ten; points are
// passed over.
func compareDigits(a, b []byte) int {
	for {
		if len(a) > 0 && a[0] == '.' {
			a = a[1:]
		}
		if len(b) > 0 && b[0] == '.' {
			b = b[1:]
		}
		switch {
		case len(a) == 0 || len(b) == 0:
			return cmp.Compare(len(a), len(b))
		case a[0] != b[0]:
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
}

// appendDecimal appends a text that equal numbers have in common and others do
// not.
func appendDecimal(dst []byte, d decimal) []byte {
	if len(d.digits) == 0 {
		return append(dst, '0')
	}
	if d.negative {
		dst = append(dst, '-')
	}
	for _, c := range d.digits {
		if c != '.' {
			dst = append(dst, c)
		}
	}
	return strconv.AppendInt(append(dst, 'e'), d.exponent, 10)
}
