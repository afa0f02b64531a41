package format

import "strings"

// isDuration checks duration of RFC 3339, appendix A. Units follow one another
// without a gap: P1Y2M and PT1M2S are durations, P1Y2D and PT1H2S are none.
func isDuration(b []byte) bool {
	if len(b) < 3 || b[0] != 'P' {
		return false
	}
	b = b[1:]
	if b[0] == 'T' {
		return isUnits(b[1:], "HMS")
	}
	if b[len(b)-1] == 'W' {
		return digits(b) == len(b)-1 && len(b) > 1
	}
	for i, c := range b {
		if c == 'T' {
			return isUnits(b[:i], "YMD") && isUnits(b[i+1:], "HMS")
		}
	}
	return isUnits(b, "YMD")
}

// isUnits says whether b is one or more numbers with units that follow one
// another in the order of units.
func isUnits(b []byte, units string) bool {
	if len(b) == 0 {
		return false
	}
	for first := true; len(b) > 0; first = false {
		n := digits(b)
		if n == 0 || n == len(b) {
			return false
		}
		at := strings.IndexByte(units, b[n])
		if at < 0 || at > 0 && !first {
			return false
		}
		units, b = units[at+1:], b[n+1:]
	}
	return true
}
