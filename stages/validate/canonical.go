package validate

import (
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
)

// appendCanonical appends a text that two decoded JSON values have in common if
// and only if they are equal as JSON Schema has it: 1, 1.0 and 10e-1 are, and
// objects whatever the order of their members. Time linear in the value's size,
// but for the sorting of members.
func appendCanonical(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, 'n')
	case bool:
		if v {
			return append(dst, 't')
		}
		return append(dst, 'f')
	case json.Number:
		return append(appendNumber(append(dst, 'd'), string(v)), ';')
	case string:
		return appendSized(append(dst, 's'), v)
	case []any:
		dst = binary.AppendUvarint(append(dst, 'a'), uint64(len(v)))
		for _, item := range v {
			dst = appendCanonical(dst, item)
		}
	case map[string]any:
		dst = binary.AppendUvarint(append(dst, 'o'), uint64(len(v)))
		for _, key := range sortedKeys(v) {
			dst = appendCanonical(appendSized(dst, key), v[key])
		}
	}
	return dst
}

func appendSized(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// appendNumber appends a JSON number as its digits without zeros at either end
// and their exponent. The number must be within the bounds of costly.
func appendNumber(dst []byte, number string) []byte {
	number, negative := strings.CutPrefix(number, "-")
	exponent := 0
	if e := strings.IndexAny(number, "eE"); e >= 0 {
		// An exponent within the bounds is a number.
		exponent, _ = strconv.Atoi(number[e+1:])
		number = number[:e]
	}
	whole, fraction, _ := strings.Cut(number, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent += len(digits) - len(strings.TrimRight(digits, "0")) - len(fraction)
	digits = strings.TrimRight(digits, "0")
	if digits == "" {
		return append(dst, '0')
	}
	if negative {
		dst = append(dst, '-')
	}
	dst = append(append(dst, digits...), 'e')
	return strconv.AppendInt(dst, int64(exponent), 10)
}
