package format

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// maxLocal is the longest local part of an address, RFC 5321, section 4.5.3.1.1.
const maxLocal = 64

// isEmail checks Mailbox of RFC 5321, section 4.1.2.
func isEmail(b []byte) bool {
	_, domain, ok := cutMailbox(b, ascii)
	if !ok {
		return false
	}
	return isAddressLiteral(domain) || isHostname(domain)
}

// isIDNEmail checks Mailbox of RFC 6531: characters beyond ASCII may stand in
// the local part and in the domain, of which nothing more is asked.
func isIDNEmail(b []byte) bool {
	_, domain, ok := cutMailbox(b, international)
	return ok && (isAddressLiteral(domain) || isWideDomain(domain))
}

// cutMailbox cuts an address at the @ after its local part, which is checked.
func cutMailbox(b []byte, chars repertoire) (local, domain []byte, ok bool) {
	at := bytes.LastIndexByte(b, '@')
	if at < 1 || at > maxLocal {
		return nil, nil, false
	}
	local, domain = b[:at], b[at+1:]
	if local[0] == '"' {
		return local, domain, isQuoted(local, chars)
	}
	return local, domain, isDotString(local, chars)
}

// isDotString checks atoms with dots between them.
func isDotString(b []byte, chars repertoire) bool {
	dot := true
	for _, c := range b {
		if c == '.' && dot || c != '.' && !isAtomText(c, chars) {
			return false
		}
		dot = c == '.'
	}
	return !dot
}

func isAtomText(c byte, chars repertoire) bool {
	if c >= utf8.RuneSelf {
		return chars == international
	}
	return isLetter(c) || isDigit(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

// isQuoted checks a local part in double quotes.
func isQuoted(b []byte, chars repertoire) bool {
	last := len(b) - 1
	if last < 1 || b[last] != '"' {
		return false
	}
	for i := 1; i < last; i++ {
		c := b[i]
		if c == '\\' {
			i++
			c = b[i]
			if i == last {
				return false
			}
		} else if c == '"' {
			return false
		}
		if c < ' ' || c == 0x7F || c >= utf8.RuneSelf && chars == ascii {
			return false
		}
	}
	return true
}

// isAddressLiteral checks [192.0.2.1] and [IPv6:2001:db8::1].
func isAddressLiteral(b []byte) bool {
	if len(b) < 2 || b[0] != '[' || b[len(b)-1] != ']' {
		return false
	}
	b = b[1 : len(b)-1]
	const tag = "IPv6:"
	if len(b) > len(tag) && bytes.EqualFold(b[:len(tag)], []byte(tag)) {
		return isIPv6(b[len(tag):])
	}
	return isIPv4(b)
}

// isWideDomain checks labels of letters, digits, hyphens and characters beyond
// ASCII.
func isWideDomain(b []byte) bool {
	for more := true; more; {
		var label []byte
		label, b, more = bytes.Cut(b, []byte("."))
		if len(label) == 0 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, c := range label {
			if c < utf8.RuneSelf && c != '-' && !isLetter(c) && !isDigit(c) {
				return false
			}
		}
	}
	return true
}
