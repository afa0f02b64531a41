package format

import "bytes"

// The bounds of DNS, in bytes; a name without its final dot.
const (
	maxName  = 253
	maxLabel = 63
)

// isHostname checks a host name of RFC 1123, section 2.1: labels of letters,
// digits and hyphens. A label that begins with xn-- must be an A-label of IDNA
// 2008 (RFC 5890).
func isHostname(b []byte) bool {
	if len(b) > maxName {
		return false
	}
	encoded := false
	name := b
	for more := true; more; {
		var label []byte
		label, b, more = bytes.Cut(b, []byte("."))
		if !isLabel(label) {
			return false
		}
		encoded = encoded || hasACEPrefix(label)
	}
	return !encoded || isIDNHostname(name)
}

func isLabel(b []byte) bool {
	if len(b) == 0 || len(b) > maxLabel || b[0] == '-' || b[len(b)-1] == '-' {
		return false
	}
	for _, c := range b {
		if !isLetter(c) && !isDigit(c) && c != '-' {
			return false
		}
	}
	return true
}

// hasACEPrefix says whether a label is to be an A-label.
func hasACEPrefix(label []byte) bool {
	return len(label) > 3 && label[0]|0x20 == 'x' && label[1]|0x20 == 'n' && label[2] == '-' && label[3] == '-'
}
