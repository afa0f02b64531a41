package validate

import "bytes"

// The bounds of numbers that exact arithmetic is done on. They take in every
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
