package pipeline

import (
	"math"
	"strconv"
	"unsafe"
)

// Int64 returns the value of a number that is a whole number within int64,
// however it is spelled (1, 1.0, 1e2); ok is false otherwise. Exact, in time
// linear in the spelling.
func (v Value) Int64() (n int64, ok bool) {
	if v.Kind() != KindNumber {
		return 0, false
	}
	text := v.JSON()
	negative := text[0] == '-'
	if negative {
		text = text[1:]
	}
	var magnitude uint64
	if v.has(flagInteger) {
		magnitude, ok = wholeDigits(text)
	} else {
		magnitude, ok = parseDecimal(text).whole()
	}
	switch {
	case !ok:
		return 0, false
	case negative && magnitude <= -math.MinInt64:
		return int64(-magnitude), true
	case !negative && magnitude <= math.MaxInt64:
		return int64(magnitude), true
	}
	return 0, false
}

// wholeDigits returns the value of digits; ok is false from 20 on, which no
// int64 has and which may be more than a uint64. (JSON has no leading zeros.)
func wholeDigits(digits []byte) (n uint64, ok bool) {
	if len(digits) > 19 {
		return 0, false
	}
	for _, c := range digits {
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

// decimal is an unsigned number as it is spelled: digits, which may hold one
// point, times ten to the power of exponent, the point not counted.
type decimal struct {
	digits   []byte
	exponent int64
}

// maxExponent bounds the exponents that are told apart: no text has the zeros
// to make up for more.
const maxExponent = 1 << 40

// parseDecimal takes a number apart, without zeros at either end.
func parseDecimal(text []byte) decimal {
	end := 0
	for end < len(text) && text[end]|0x20 != 'e' {
		end++
	}
	exponent := int64(0)
	if end < len(text) {
		exponent = parseExponent(text[end+1:])
	}
	digits, point := text[:end], false
	for _, c := range digits {
		if c == '.' {
			point = true
		} else if point {
			exponent--
		}
	}
	for len(digits) > 0 {
		switch last := digits[len(digits)-1]; {
		case last == '.':
		case last == '0':
			exponent++
		default:
			goto trimmed
		}
		digits = digits[:len(digits)-1]
	}
trimmed:
	for len(digits) > 0 && (digits[0] == '0' || digits[0] == '.') {
		digits = digits[1:]
	}
	return decimal{digits, exponent}
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

// whole returns the number's value if it is whole and has at most 19 digits.
func (d decimal) whole() (n uint64, ok bool) {
	if len(d.digits) == 0 {
		return 0, true
	}
	if d.exponent < 0 || d.exponent > 18 || len(d.digits) > 20 { // 19 and a point
		return 0, false
	}
	count := d.exponent
	for _, c := range d.digits {
		if c != '.' {
			n = n*10 + uint64(c-'0')
			count++
		}
	}
	if count > 19 {
		return 0, false
	}
	for range d.exponent {
		n *= 10
	}
	return n, true
}

// Float64 returns the nearest float64 of a number; ok is false for any other
// kind and where the number is beyond float64.
func (v Value) Float64() (f float64, ok bool) {
	if v.Kind() != KindNumber {
		return 0, false
	}
	text := v.JSON()
	if f, ok := shortDecimal(text); ok {
		return f, true
	}
	f, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(text), len(text)), 64)
	return f, err == nil
}

// shortDecimal returns the nearest float64 of a number that is spelled with up
// to 15 digits and no exponent, as most are: its digits and the power of ten
// are exact, so that one division rounds once (Clinger, How to Read Floating
// Point Numbers Accurately, 1990).
func shortDecimal(text []byte) (f float64, ok bool) {
	digits := text
	if digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) > 16 { // 15 and a point
		return 0, false
	}
	var n uint64
	point := len(digits) - 1 // where there is none, no digit stands behind it
	for i, c := range digits {
		switch {
		case c-'0' <= 9:
			n = n*10 + uint64(c-'0')
		case c == '.':
			point = i
		default:
			return 0, false
		}
	}
	f = float64(n) / powersOfTen[len(digits)-1-point]
	if len(digits) < len(text) {
		f = -f
	}
	return f, true
}

var powersOfTen = [...]float64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}
