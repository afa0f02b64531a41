package pipeline

import (
	"encoding/binary"
	"math/bits"
)

// numberEnd returns the offset after the number that starts at i with a digit
// or a minus, or the complement of the offset at which a digit is missing.
// integer says whether it is spelled without fraction and exponent.
func numberEnd(src []byte, i int) (end int, integer bool) {
	if src[i] == '-' {
		i++
	}
	switch {
	case i >= len(src) || src[i]-'0' > 9:
		return ^i, false
	case src[i] == '0':
		i++
	default:
		i = digitsEnd(src, i+1)
	}
	integer = true
	if i < len(src) && src[i] == '.' {
		integer = false
		end := digitsEnd(src, i+1)
		if end == i+1 {
			return ^end, false
		}
		i = end
	}
	if i < len(src) && src[i]|0x20 == 'e' {
		integer = false
		i++
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		end := digitsEnd(src, i)
		if end == i {
			return ^end, false
		}
		i = end
	}
	return i, integer
}

// digitsEnd returns the offset of the first byte from i on that is no digit.
func digitsEnd(src []byte, i int) int {
	for i <= len(src)-8 {
		if m := noDigit(binary.LittleEndian.Uint64(src[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	for i < len(src) && src[i]-'0' <= 9 {
		i++
	}
	return i
}

// noDigit marks, with the high bit of its byte, the first byte of w that is no
// digit. Marks above the first may be false; where all are digits, there is no
// mark. (With '0' taken off by exclusive or, a digit is below 10, and what is
// not sets the high bit, by itself or when 118 is added; a carry goes only to
// bytes above.)
func noDigit(w uint64) uint64 {
	w ^= '0' * eachOne
	return (w + (0x80-10)*eachOne | w) & eachHigh
}
