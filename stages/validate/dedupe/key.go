package dedupe

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"strconv"

	"sluice/pipeline"
)

// sum is what stands for a key: 128 bits of hash.
type sum struct{ hi, lo uint64 }

// hasher makes sums. The seeds are the process's own, so that nobody can make
// two keys that agree. It never changes.
type hasher struct{ hi, lo maphash.Seed }

func newHasher() hasher { return hasher{maphash.MakeSeed(), maphash.MakeSeed()} }

func (h hasher) sum(key []byte) sum {
	return sum{maphash.Bytes(h.hi, key), maphash.Bytes(h.lo, key)}
}

// appendKey appends a text that two lists of values have in common if and only
// if they are equal; ok is false when one of them is missing or null.
func appendKey(dst []byte, values []pipeline.Value) (key []byte, ok bool) {
	for _, v := range values {
		if v.Kind() <= pipeline.KindNull {
			return dst, false
		}
		dst = appendValue(dst, v)
	}
	return dst, true
}

// appendValue appends the value's kind, then its length and text, so that no
// value can run into the next.
func appendValue(dst []byte, v pipeline.Value) []byte {
	dst = append(dst, byte(v.Kind()), 0, 0, 0, 0)
	start := len(dst)
	if v.Kind() == pipeline.KindNumber {
		dst = appendNumber(dst, v)
	} else {
		dst = v.AppendText(dst)
	}
	binary.LittleEndian.PutUint32(dst[start-4:], uint32(len(dst)-start))
	return dst
}

// appendNumber appends what a number has in common with all that are equal: its
// digits without zeros at either end, and their exponent.
func appendNumber(dst []byte, v pipeline.Value) []byte {
	if n, ok := v.Int64(); ok {
		return strconv.AppendInt(dst, n, 10)
	}
	return appendDecimal(dst, v.JSON())
}

// appendDecimal takes time linear in the number's length. A number whose exponent
// is spelled with more than 17 bytes is equal only to one that is spelled alike.
func appendDecimal(dst, json []byte) []byte {
	mantissa, exponent, ok := splitExponent(json)
	if !ok {
		return append(dst, json...)
	}
	if mantissa[0] == '-' {
		dst = append(dst, '-')
	}
	start, behindPoint := len(dst), false
	for _, c := range mantissa {
		switch {
		case c == '-':
		case c == '.':
			behindPoint = true
		default:
			if behindPoint {
				exponent--
			}
			if c != '0' || len(dst) > start {
				dst = append(dst, c)
			}
		}
	}
	for len(dst) > start && dst[len(dst)-1] == '0' {
		dst = dst[:len(dst)-1]
		exponent++
	}
	return strconv.AppendInt(append(dst, 'e'), exponent, 10)
}

// splitExponent returns what stands before e, and what behind; ok is false for
// an exponent that is too long to read.
func splitExponent(json []byte) (mantissa []byte, exponent int64, ok bool) {
	e := bytes.IndexAny(json, "eE")
	if e < 0 {
		return json, 0, true
	}
	digits := json[e+1:]
	if len(digits) > 17 {
		return nil, 0, false
	}
	negative := digits[0] == '-'
	for _, c := range digits {
		if c != '-' && c != '+' {
			exponent = exponent*10 + int64(c-'0')
		}
	}
	if negative {
		exponent = -exponent
	}
	return json[:e], exponent, true
}
