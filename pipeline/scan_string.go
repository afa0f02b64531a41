package pipeline

import (
	"encoding/binary"
	"math/bits"
)

// Every byte of a word.
const (
	eachOne  = 0x0101010101010101
	eachHigh = 0x8080808080808080
)

// special marks, with the high bit of its byte, the first byte of w that is
// not plain in a string: a quote, a backslash, a control character or one that
// is not ASCII. Marks above the first may be false; where there is no such
// byte, there is no mark. (Mycroft's test for a zero byte, as in Bit Twiddling
// Hacks, for quote and backslash at once; a borrow from a byte below is what
// makes a false mark.)
func special(w uint64) uint64 {
	quote := (w ^ '"'*eachOne) - eachOne
	backslash := (w ^ '\\'*eachOne) - eachOne
	control := w - ' '*eachOne
	return (quote | backslash | control | w) & eachHigh
}

// skipPlainWords is skipPlain as far as whole words go: where fewer than 8 bytes
// are left, it stops at one of them that may be plain.
func skipPlainWords(src []byte, i int) int {
	for i <= len(src)-8 {
		if m := special(binary.LittleEndian.Uint64(src[i:])); m != 0 {
			return i + bits.TrailingZeros64(m)>>3
		}
		i += 8
	}
	return i
}

// skipPlain returns the offset of the first byte from i on that is not plain in
// a string, len(src) when there is none.
func skipPlain(src []byte, i int) int {
	i = skipPlainWords(src, i)
	for i < len(src) && src[i] >= ' ' && src[i] < 0x80 && src[i] != '"' && src[i] != '\\' {
		i++
	}
	return i
}

// stringEnd returns the offset of the quote that ends the string whose content
// starts at i, or the complement of the offset of the byte at fault, which is
// len(src) where the text ends in the string.
func stringEnd(src []byte, i int) (end int, escaped bool) {
	for {
		i = skipPlain(src, i)
		if i >= len(src) {
			return ^i, escaped
		}
		if src[i] == '"' {
			return i, escaped
		}
		n := 0
		if src[i] == '\\' {
			escaped = true
			n = escapesLen(src[i:])
		} else if src[i] >= 0x80 {
			n = foreignLen(src[i:])
		}
		if n == 0 {
			return ^i, escaped
		}
		i += n
	}
}

// escapesLen returns the length of the run of escapes at the start of s, which
// begins with a backslash; 0 if the first is none.
func escapesLen(s []byte) int {
	n := 0
	for n+1 < len(s) && s[n] == '\\' && escapedByte[s[n+1]] != 0 {
		n += 2
	}
	if n == 0 {
		return escapeLen(s)
	}
	return n
}

// foreignLen returns the length of the run of UTF-8 sequences of two bytes and
// more at the start of s; 0 where there is none.
func foreignLen(s []byte) int {
	n := 0
	for n < len(s) && s[n] >= 0x80 {
		size := sequenceLen(s[n:])
		if size == 0 {
			break
		}
		n += size
	}
	return n
}

// sequenceLen returns the length of the UTF-8 sequence of two to four bytes at
// the start of s, 0 if there is none (RFC 3629: no surrogates, nothing
// over-long, nothing above U+10FFFF).
func sequenceLen(s []byte) int {
	switch c := s[0]; {
	case c >= 0xc2 && c <= 0xdf:
		if len(s) >= 2 && continues(s[1]) {
			return 2
		}
	case c >= 0xe0 && c <= 0xef:
		if len(s) >= 3 && continues(s[1]) && continues(s[2]) && (c != 0xe0 || s[1] >= 0xa0) && (c != 0xed || s[1] < 0xa0) {
			return 3
		}
	case c >= 0xf0 && c <= 0xf4:
		if len(s) >= 4 && continues(s[1]) && continues(s[2]) && continues(s[3]) && (c != 0xf0 || s[1] >= 0x90) && (c != 0xf4 || s[1] < 0x90) {
			return 4
		}
	}
	return 0
}

func continues(c byte) bool { return c&0xc0 == 0x80 }
