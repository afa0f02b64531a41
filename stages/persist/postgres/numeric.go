package postgres

import "encoding/binary"

// The bounds of numeric (numeric.h in the server): digits before the point and
// behind it.
const (
	maxBefore = 131072
	maxBehind = 16383
)

const numericNegative = 0x4000

// appendNumeric adds a number exactly as it is spelled, its digits in groups of
// four (numeric_recv in numeric.c); false when it is beyond numeric.
func (t *tuples) appendNumeric(text []byte) bool {
	sign := uint16(0)
	if text[0] == '-' {
		sign, text = numericNegative, text[1:]
	}
	mantissa, exponent := splitExponent(text)
	before, behind := len(mantissa), 0 // digits
	for i, c := range mantissa {
		if c == '.' {
			before, behind = i, len(mantissa)-i-1
			break
		}
	}
	scale := max(0, int64(behind)-exponent)
	point := int64(before) + exponent // digits before the point, when they are shifted by the exponent
	t.scratch = t.scratch[:0]
	for i, c := range mantissa {
		if i == before {
			continue // the point
		}
		if len(t.scratch) == 0 && c == '0' {
			point--
			continue
		}
		t.scratch = append(t.scratch, c-'0')
	}
	digits := t.scratch
	for len(digits) > 0 && digits[len(digits)-1] == 0 {
		digits = digits[:len(digits)-1]
	}
	if scale > maxBehind || len(digits) > 0 && point > maxBefore {
		return false
	}
	if len(digits) == 0 {
		point, sign = 0, 0
	}
	t.appendDigits(digits, int(point), sign, uint16(scale))
	return true
}

// splitExponent takes the exponent off a number; one beyond all bounds is cut.
func splitExponent(text []byte) (mantissa []byte, exponent int64) {
	for i, c := range text {
		if c|0x20 != 'e' {
			continue
		}
		digits := text[i+1:]
		negative := digits[0] == '-'
		if negative || digits[0] == '+' {
			digits = digits[1:]
		}
		for _, d := range digits {
			if exponent < 1<<40 {
				exponent = exponent*10 + int64(d-'0')
			}
		}
		if negative {
			exponent = -exponent
		}
		return text[:i], exponent
	}
	return text, 0
}

// appendDigits adds 0.d1d2d3... times ten to the power of point.
func (t *tuples) appendDigits(digits []byte, point int, sign, scale uint16) {
	weight := (point+3)>>2 - 1 // of the first group, in groups before the point
	lead := (weight+1)*4 - point
	groups := (lead + len(digits) + 3) / 4
	if len(digits) == 0 {
		weight, groups = 0, 0
	}
	t.data = appendLength(t.data, int32(8+2*groups))
	t.data = binary.BigEndian.AppendUint16(t.data, uint16(groups))
	t.data = binary.BigEndian.AppendUint16(t.data, uint16(int16(weight)))
	t.data = binary.BigEndian.AppendUint16(t.data, sign)
	t.data = binary.BigEndian.AppendUint16(t.data, scale)
	for g := range groups {
		n := uint16(0)
		for i := range 4 {
			n *= 10
			if at := g*4 + i - lead; at >= 0 && at < len(digits) {
				n += uint16(digits[at])
			}
		}
		t.data = binary.BigEndian.AppendUint16(t.data, n)
	}
}

// appendWholeNumeric adds an integer.
func (t *tuples) appendWholeNumeric(n int64) {
	sign, rest := uint16(0), uint64(n)
	if n < 0 {
		sign, rest = numericNegative, -rest
	}
	t.scratch = t.scratch[:0]
	for ; rest > 0; rest /= 10 {
		t.scratch = append(t.scratch, byte(rest%10))
	}
	for i, j := 0, len(t.scratch)-1; i < j; i, j = i+1, j-1 {
		t.scratch[i], t.scratch[j] = t.scratch[j], t.scratch[i]
	}
	t.appendDigits(t.scratch, len(t.scratch), sign, 0)
}
