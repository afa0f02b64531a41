package format

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// The sets of ECMA-262 as they stand in brackets of RE2, with their complements.
const (
	digitSet   = `0-9`
	noDigitSet = `\x00-/:-\x{10FFFF}`
	wordSet    = `0-9A-Z_a-z`
	noWordSet  = "\\x00-/:-@\\[-\\^`\\{-\\x{10FFFF}"
	spaceSet   = `\t-\r \x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}\x{FEFF}`
	noSpaceSet = `\x00-\x08\x0E-\x1F!-\x{9F}\x{A1}-\x{167F}\x{1681}-\x{1FFF}\x{200B}-\x{2027}\x{202A}-\x{202E}\x{2030}-\x{205E}\x{2060}-\x{2FFF}\x{3001}-\x{FEFE}\x{FF00}-\x{10FFFF}`

	nothing    = `[^\x00-\x{10FFFF}]`
	everything = `(?s:.)`
)

// escape reads an escape outside of brackets, at its backslash.
func (p *parser) escape() bool {
	start := p.pos
	p.pos++
	if !p.more() {
		return p.fail("a backslash at the end")
	}
	switch c := p.src[p.pos]; {
	case c >= '1' && c <= '9':
		n, _ := p.number()
		p.reference = max(p.reference, n)
		p.refuse(start, whatBackreference)
		return true
	case c == 'k':
		p.pos++
		if !p.take("<") {
			return p.fail("\\k without a name, such as \\k<name>")
		}
		name, ok := p.name()
		if !ok {
			return false
		}
		p.refs = append(p.refs, name)
		p.refuse(start, whatBackreference)
		return true
	}
	if set, ok := p.set(); set != "" || !ok {
		p.emit("[")
		p.emit(set)
		p.emit("]")
		return ok
	}
	r, ok := p.character()
	if ok {
		p.emitRune(r)
	}
	return ok
}

// set reads what of an escape stands for a set of characters, after its
// backslash: "" and true when it is none. The set is as it stands in brackets.
func (p *parser) set() (set string, ok bool) {
	c := p.src[p.pos]
	i := strings.IndexByte("dDwWsSpP", c)
	if i < 0 {
		return "", true
	}
	p.pos++
	if c == 'p' || c == 'P' {
		return p.property(c == 'P')
	}
	return [...]string{digitSet, noDigitSet, wordSet, noWordSet, spaceSet, noSpaceSet}[i], true
}

// character reads what of an escape stands for one character, after its
// backslash.
func (p *parser) character() (rune, bool) {
	start := p.pos
	c := p.next()
	switch c {
	case 'f':
		return '\f', true
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'v':
		return '\v', true
	case '0':
		if p.more() && isDigit(p.src[p.pos]) {
			return 0, p.fail("an octal escape; write \\x and two digits")
		}
		return 0, true
	case 'c':
		if !p.more() || !isLetter(p.src[p.pos]) {
			return 0, p.fail("\\c without a letter, such as \\cJ")
		}
		return p.next() & 0x1F, true
	case 'x':
		r, ok := p.hex(2)
		if !ok {
			return 0, p.fail("\\x without two hexadecimal digits")
		}
		return r, true
	case 'u':
		return p.unicodeEscape()
	}
	if c < utf8.RuneSelf && (isLetter(byte(c)) || isDigit(byte(c))) {
		p.pos = start
		return 0, p.failEscape(c)
	}
	return c, true
}

func (p *parser) failEscape(c rune) bool {
	switch c {
	case 'A':
		return p.fail("the escape \\A, which ECMA-262 does not have; write ^")
	case 'z', 'Z':
		return p.fail("the escape \\z or \\Z, which ECMA-262 does not have; write $")
	}
	return p.fail("an escaped letter or digit that has no meaning")
}

// unicodeEscape reads the rest of \uXXXX, of a surrogate pair of them, or of
// \u{X}.
func (p *parser) unicodeEscape() (rune, bool) {
	if p.take("{") {
		end := strings.IndexByte(p.rest(), '}')
		if end < 1 {
			return 0, p.fail("\\u{ without hexadecimal digits and }")
		}
		r := rune(0)
		for _, c := range []byte(p.rest()[:end]) {
			if !isHex(c) {
				return 0, p.fail("\\u{ with other than hexadecimal digits")
			}
			if r = r<<4 | hexValue(c); r > utf8.MaxRune {
				return 0, p.fail("\\u{ beyond the last character, 10FFFF")
			}
		}
		p.pos += end + 1
		return r, true
	}
	r, ok := p.hex(4)
	if !ok {
		return 0, p.fail("\\u without four hexadecimal digits")
	}
	if r >= 0xD800 && r <= 0xDBFF && strings.HasPrefix(p.rest(), `\u`) {
		at := p.pos
		p.pos += 2
		if low, ok := p.hex(4); ok && low >= 0xDC00 && low <= 0xDFFF {
			return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), true
		}
		p.pos = at
	}
	return r, true
}

// hex reads n hexadecimal digits.
func (p *parser) hex(n int) (rune, bool) {
	rest := p.rest()
	if len(rest) < n {
		return 0, false
	}
	r := rune(0)
	for _, c := range []byte(rest[:n]) {
		if !isHex(c) {
			return 0, false
		}
		r = r<<4 | hexValue(c)
	}
	p.pos += n
	return r, true
}

func hexValue(c byte) rune {
	if isDigit(c) {
		return rune(c - '0')
	}
	return rune(c|0x20-'a') + 10
}

func isSurrogate(r rune) bool { return r >= 0xD800 && r <= 0xDFFF }

// emitRune writes a character that stands for itself. A lone surrogate matches
// nothing: a decoded text has none.
func (p *parser) emitRune(r rune) {
	switch {
	case !p.translates:
	case isSurrogate(r):
		p.emit(nothing)
	default:
		p.out = appendRune(p.out, r)
	}
}

// appendRune appends a character so that it stands for itself also in brackets.
func appendRune(dst []byte, r rune) []byte {
	if r < utf8.RuneSelf && (isLetter(byte(r)) || isDigit(byte(r))) {
		return append(dst, byte(r))
	}
	dst = strconv.AppendInt(append(dst, `\x{`...), int64(r), 16)
	return append(dst, '}')
}
