package format

import "unicode/utf8"

// class reads a class in brackets, after the opening one.
func (p *parser) class() bool {
	start, from := p.pos-1, len(p.out)
	negated := p.take("^")
	if negated {
		p.emit("[^")
	} else {
		p.emit("[")
	}
	empty := len(p.out)
	for {
		if !p.more() {
			p.pos = start
			return p.fail("a bracket that is not closed")
		}
		if p.take("]") {
			break
		}
		if !p.classRange() {
			return false
		}
	}
	switch {
	case !p.translates:
	case len(p.out) > empty:
		p.emit("]")
	case negated:
		p.out = append(p.out[:from], everything...)
	default:
		p.out = append(p.out[:from], nothing...)
	}
	return true
}

// classRange reads one character, set or range of characters.
func (p *parser) classRange() bool {
	start := p.pos
	low, isSet, ok := p.classAtom()
	if !ok {
		return false
	}
	rest := p.rest()
	if isSet || len(rest) < 2 || rest[0] != '-' || rest[1] == ']' {
		if !isSet {
			p.emitRange(low, low)
		}
		return true
	}
	p.pos++
	high, isSet, ok := p.classAtom()
	if !ok {
		return false
	}
	if isSet { // as in [a-\d]: the hyphen is one of the characters
		p.emitRange(low, low)
		p.emitRange('-', '-')
		return true
	}
	if high < low {
		p.pos = start
		return p.fail("a range of characters that is out of order")
	}
	p.emitRange(low, high)
	return true
}

// classAtom reads one character, or a set, which it writes.
func (p *parser) classAtom() (r rune, isSet, ok bool) {
	if !p.more() {
		return 0, false, p.fail("a bracket that is not closed")
	}
	if !p.take(`\`) {
		return p.next(), false, true
	}
	if !p.more() {
		return 0, false, p.fail("a backslash at the end")
	}
	if p.take("b") {
		return '\b', false, true
	}
	if set, ok := p.set(); set != "" || !ok {
		p.emit(set)
		return 0, true, ok
	}
	r, ok = p.character()
	return r, false, ok
}

// emitRange writes a range without its surrogates.
func (p *parser) emitRange(low, high rune) {
	if !p.translates {
		return
	}
	if isSurrogate(low) {
		low = 0xE000
	}
	if isSurrogate(high) {
		high = 0xD7FF
	}
	if low > high || low > utf8.MaxRune {
		return
	}
	p.out = appendRune(p.out, low)
	if high > low {
		p.out = appendRune(append(p.out, '-'), high)
	}
}
