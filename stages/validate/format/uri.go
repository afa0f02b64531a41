package format

import (
	"bytes"
	"unicode/utf8"
)

func isURI(b []byte) bool          { return isReference(b, ascii, true) }
func isURIReference(b []byte) bool { return isReference(b, ascii, false) }
func isIRI(b []byte) bool          { return isReference(b, international, true) }
func isIRIReference(b []byte) bool { return isReference(b, international, false) }

// repertoire says which characters beyond ASCII a reference may have.
type repertoire bool

const (
	ascii         repertoire = false // none: RFC 3986
	international repertoire = true  // ucschar and iprivate: RFC 3987
)

// The classes of characters of RFC 3986. A set bit is allowed in that part.
const (
	inRegName  = 1 << iota // unreserved and sub-delims
	inUserInfo             // and ":"
	inPath                 // and ":" "@" "/"
	inQuery                // and "?"; the same for fragments
)

// uriClass has the parts that each ASCII character may stand in.
var uriClass = func() (class [128]uint8) {
	set := func(chars string, parts uint8) {
		for _, c := range []byte(chars) {
			class[c] |= parts
		}
	}
	set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=",
		inRegName|inUserInfo|inPath|inQuery)
	set(":", inUserInfo|inPath|inQuery)
	set("@/", inPath|inQuery)
	set("?", inQuery)
	return class
}()

// isReference checks a URI or IRI, with its scheme where that is required, else
// a relative reference as well.
func isReference(b []byte, chars repertoire, absolute bool) bool {
	end := bytes.IndexAny(b, ":/?#")
	if end >= 0 && b[end] == ':' {
		// A relative reference has no colon in its first segment.
		if !isScheme(b[:end]) {
			return false
		}
		b = b[end+1:]
	} else if absolute {
		return false
	}
	b, fragment, _ := bytes.Cut(b, []byte("#"))
	b, query, _ := bytes.Cut(b, []byte("?"))
	if !isPart(fragment, inQuery, chars, false) || !isPart(query, inQuery, chars, true) {
		return false
	}
	if bytes.HasPrefix(b, []byte("//")) {
		b = b[2:]
		path := bytes.IndexByte(b, '/')
		if path < 0 {
			path = len(b)
		}
		if !isAuthority(b[:path], chars) {
			return false
		}
		b = b[path:]
	}
	return isPart(b, inPath, chars, false)
}

func isScheme(b []byte) bool {
	if len(b) == 0 || !isLetter(b[0]) {
		return false
	}
	for _, c := range b {
		if !isLetter(c) && !isDigit(c) && c != '+' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

func isAuthority(b []byte, chars repertoire) bool {
	if at := bytes.IndexByte(b, '@'); at >= 0 {
		if !isPart(b[:at], inUserInfo, chars, false) {
			return false
		}
		b = b[at+1:]
	}
	if len(b) > 0 && b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 || !isIPv6(b[1:end]) && !isIPvFuture(b[1:end]) {
			return false
		}
		b = b[end+1:]
		return len(b) == 0 || b[0] == ':' && digits(b[1:]) == len(b)-1
	}
	host, port, _ := bytes.Cut(b, []byte(":"))
	return isPart(host, inRegName, chars, false) && digits(port) == len(port)
}

// isIPvFuture checks "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ).
func isIPvFuture(b []byte) bool {
	if len(b) < 4 || b[0]|0x20 != 'v' {
		return false
	}
	version, address, found := bytes.Cut(b[1:], []byte("."))
	if !found || len(version) == 0 || len(address) == 0 {
		return false
	}
	for _, c := range version {
		if !isHex(c) {
			return false
		}
	}
	for _, c := range address {
		if c >= utf8.RuneSelf || uriClass[c]&inUserInfo == 0 {
			return false
		}
	}
	return true
}

// isPart says whether all of b may stand in a part, percent-encoded or as it is.
func isPart(b []byte, part uint8, chars repertoire, private bool) bool {
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c == '%':
			if i+2 >= len(b) || !isHex(b[i+1]) || !isHex(b[i+2]) {
				return false
			}
			i += 3
		case c < utf8.RuneSelf:
			if uriClass[c]&part == 0 {
				return false
			}
			i++
		default:
			r, size := utf8.DecodeRune(b[i:])
			if chars == ascii || !isUCSChar(r) && !(private && isPrivate(r)) {
				return false
			}
			i += size
		}
	}
	return true
}

// isUCSChar says whether a character beyond ASCII is ucschar of RFC 3987.
func isUCSChar(r rune) bool {
	switch {
	case r < 0x10000:
		return r >= 0xA0 && r <= 0xD7FF || r >= 0xF900 && r <= 0xFDCF || r >= 0xFDF0 && r <= 0xFFEF
	case r < 0xE0000:
		return r&0xFFFF <= 0xFFFD
	}
	return r >= 0xE1000 && r <= 0xEFFFD
}

// isPrivate says whether r is iprivate of RFC 3987.
func isPrivate(r rune) bool {
	return r >= 0xE000 && r <= 0xF8FF || r >= 0xF0000 && r&0xFFFF <= 0xFFFD
}
