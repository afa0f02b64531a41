package format

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// isURITemplate checks RFC 6570, section 2.
func isURITemplate(b []byte) bool {
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == '{':
			end := bytes.IndexByte(b, '}')
			if end < 0 || !isExpression(b[1:end]) {
				return false
			}
			size = end + 1
		case r == '%':
			if !isEncoded(b) {
				return false
			}
			size = 3
		case !isLiteral(r):
			return false
		}
		b = b[size:]
	}
	return true
}

// isLiteral says whether a character may stand outside of expressions. The
// apostrophe, which the RFC's grammar leaves out, is one by its erratum 6937.
func isLiteral(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r != 0x7F && !strings.ContainsRune("\"<>\\^`{|}", r)
	}
	return isUCSChar(r) || isPrivate(r)
}

func isEncoded(b []byte) bool {
	return len(b) >= 3 && b[0] == '%' && isHex(b[1]) && isHex(b[2])
}

// isExpression checks what stands between braces.
func isExpression(b []byte) bool {
	if len(b) > 0 && strings.IndexByte("+#./;?&=,!@|", b[0]) >= 0 {
		b = b[1:]
	}
	for more := true; more; {
		var spec []byte
		spec, b, more = bytes.Cut(b, []byte(","))
		if !isVariable(spec) {
			return false
		}
	}
	return true
}

// isVariable checks a variable's name with its modifier, * or :n.
func isVariable(b []byte) bool {
	if n := len(b); n > 0 && b[n-1] == '*' {
		b = b[:n-1]
	} else if name, length, found := bytes.Cut(b, []byte(":")); found {
		if n := digits(length); n == 0 || n > 4 || n < len(length) || length[0] == '0' {
			return false
		}
		b = name
	}
	dot := true // a name neither begins nor ends with one, nor has two together
	for len(b) > 0 {
		size := 1
		switch c := b[0]; {
		case c == '.' && dot:
			return false
		case c == '%':
			if !isEncoded(b) {
				return false
			}
			size = 3
		case c != '.' && c != '_' && !isLetter(c) && !isDigit(c):
			return false
		}
		dot = b[0] == '.'
		b = b[size:]
	}
	return !dot
}
