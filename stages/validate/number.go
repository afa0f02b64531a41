package validate

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

// The bounds of numbers that the library does its exact arithmetic on. They take in every
// float64 with any usual number of digits. Measured with big.Rat: 1e400 costs
// five times what 5 does; 1e999999 costs 10,000 times and from 1e1000001 on
// the library panics; 100,000 digits cost 25 ms.
const (
	maxNumberBytes = 1000
	maxExponent    = 400
)

// costly says whether a JSON number is beyond the bounds. Time linear in its
// length.
func costly(number []byte) bool {
	if len(number) > maxNumberBytes {
		return true
	}
	e := bytes.IndexAny(number, "eE")
	if e < 0 {
		return false
	}
	exponent := 0
	for _, c := range number[e+1:] {
		if c == '+' || c == '-' {
			continue
		}
		exponent = exponent*10 + int(c-'0')
		if exponent > maxExponent {
			return true
		}
	}
	return false
}

// clamped returns a number that schemas mostly judge like the costly one: of
// its sign and as many digits as may be, and beyond all numbers that a schema
// can have where it is itself beyond them.
func clamped(number []byte) json.Number {
	const beyond = maxNumberBytes + 2*maxExponent
	text, negative := strings.CutPrefix(strings.ToLower(string(number)), "-")
	digits, power, _ := strings.Cut(text, "e")
	exponent, err := strconv.Atoi(power)
	if err != nil && power != "" {
		// Only the range can be wrong.
		exponent = 2 * beyond
		if power[0] == '-' {
			exponent = -exponent
		}
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	exponent -= len(fraction)
	digits = strings.TrimLeft(whole+fraction, "0")
	if cut := len(digits) - maxNumberBytes; cut > 0 {
		digits, exponent = digits[:maxNumberBytes], exponent+cut
	}
	if trimmed := strings.TrimRight(digits, "0"); trimmed != digits {
		digits, exponent = trimmed, exponent+len(digits)-len(trimmed)
	}
	if digits == "" {
		return "0"
	}
	sign := ""
	if negative {
		sign = "-"
	}
	return json.Number(sign + digits + "e" + strconv.Itoa(max(-beyond, min(exponent, beyond))))
}
