package format

import "bytes"

// isIPv4 checks dotted-quad of RFC 2673: four numbers without leading zeros.
func isIPv4(b []byte) bool {
	for part := range 4 {
		n := digits(b[:min(len(b), 3)])
		if n == 0 || n > 1 && b[0] == '0' {
			return false
		}
		value := 0
		for _, c := range b[:n] {
			value = value*10 + int(c-'0')
		}
		if value > 255 {
			return false
		}
		b = b[n:]
		if part == 3 {
			break
		}
		if len(b) == 0 || b[0] != '.' {
			return false
		}
		b = b[1:]
	}
	return len(b) == 0
}

// isIPv6 checks the text form of RFC 4291, section 2.2, without zone.
func isIPv6(b []byte) bool {
	groups, gap := 0, false
	if bytes.HasPrefix(b, []byte("::")) {
		b, gap = b[2:], true
		if len(b) == 0 {
			return true
		}
	}
	for {
		n := 0
		for n < len(b) && n < 5 && isHex(b[n]) {
			n++
		}
		if n < len(b) && b[n] == '.' {
			groups += 2
			return isIPv4(b) && (groups == 8 && !gap || groups < 8 && gap)
		}
		if n == 0 || n > 4 {
			return false
		}
		groups++
		b = b[n:]
		if len(b) == 0 {
			return groups == 8 && !gap || groups < 8 && gap
		}
		if b[0] != ':' || len(b) == 1 || groups == 8 {
			return false
		}
		b = b[1:]
		if b[0] == ':' {
			if gap {
				return false
			}
			gap, b = true, b[1:]
			if len(b) == 0 {
				return groups < 8
			}
		}
	}
}
