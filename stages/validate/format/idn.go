package format

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// maxIDN bounds the bytes of an internationalized name that is looked at: each of
// its characters takes at least a byte in DNS, and here up to four.
const maxIDN = utf8.UTFMax * maxName

// registration checks names by UTS 46, without any mapping. It takes more than
// IDNA 2008 does: see isULabel.
var registration = idna.New(idna.ValidateForRegistration(), idna.CheckHyphens(true), idna.CheckJoiners(true))

// isIDNHostname checks a host name of U-labels, A-labels and plain ones: IDNA
// 2008 (RFC 5890 to 5893).
func isIDNHostname(b []byte) bool {
	if len(b) == 0 || len(b) > maxIDN {
		return false
	}
	labels := strings.Split(strings.Map(dot, string(b)), ".")
	for i, label := range labels {
		if label == "" {
			return false
		}
		if isASCII(label) {
			labels[i] = strings.ToLower(label) // case has no meaning in these
		}
	}
	name := strings.Join(labels, ".")
	encoded, err := registration.ToASCII(name)
	if err != nil {
		return false
	}
	decoded, err := registration.ToUnicode(encoded)
	if err != nil {
		return false
	}
	// An A-label is the one spelling of a valid U-label.
	again, err := registration.ToASCII(decoded)
	if err != nil || again != encoded {
		return false
	}
	for label := range strings.SplitSeq(decoded, ".") {
		if !isULabel(label) {
			return false
		}
	}
	return true
}

// dot maps the separators of labels to the one of DNS.
func dot(r rune) rune {
	switch r {
	case 0x3002, 0xFF0E, 0xFF61: // ideographic, fullwidth and halfwidth full stop
		return '.'
	}
	return r
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// isULabel checks what RFC 5892 asks for beyond UTS 46: symbols and the
// exceptions of its section 2.6 are out, and characters of its appendix A need
// their context.
func isULabel(label string) bool {
	runes := []rune(label)
	for i, r := range runes {
		if r >= utf8.RuneSelf && !isCodePoint(r) || !inContext(runes, i) {
			return false
		}
	}
	return true
}

func isCodePoint(r rune) bool {
	switch r {
	case 0x0640, 0x07FA, 0x302E, 0x302F, 0x3031, 0x3032, 0x3033, 0x3034, 0x3035, 0x303B:
		return false
	case 0x06FD, 0x06FE, 0x0F0B, 0x3007: // exceptions that are valid
		return true
	case 0x00B7, 0x0375, 0x05F3, 0x05F4, 0x30FB, 0x200C, 0x200D: // by their context
		return true
	}
	return !isOldHangul(r) && unicode.In(r, unicode.Ll, unicode.Lo, unicode.Lm, unicode.Mn, unicode.Mc, unicode.Nd)
}

// isOldHangul says whether r is a conjoining jamo, RFC 5892, section 2.9.
func isOldHangul(r rune) bool {
	return r >= 0x1100 && r <= 0x11FF || r >= 0xA960 && r <= 0xA97C || r >= 0xD7B0 && r <= 0xD7FB
}

// inContext checks the rules of RFC 5892, appendix A.3 to A.9.
func inContext(label []rune, i int) bool {
	before, after := rune(-1), rune(-1)
	if i > 0 {
		before = label[i-1]
	}
	if i+1 < len(label) {
		after = label[i+1]
	}
	switch r := label[i]; {
	case r == 0x00B7: // middle dot
		return before == 'l' && after == 'l'
	case r == 0x0375: // Greek keraia
		return unicode.Is(unicode.Greek, after)
	case r == 0x05F3, r == 0x05F4: // Hebrew geresh and gershayim
		return unicode.Is(unicode.Hebrew, before)
	case r == 0x30FB: // katakana middle dot
		return has(label, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) })
	case r >= 0x0660 && r <= 0x0669: // Arabic-Indic digits
		return !has(label, func(r rune) bool { return r >= 0x06F0 && r <= 0x06F9 })
	}
	return true
}

func has(label []rune, is func(rune) bool) bool {
	return slices.ContainsFunc(label, is)
}
