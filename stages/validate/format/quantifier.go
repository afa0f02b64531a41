package format

import "fmt"

const (
	// maxRepeat is how often RE2 repeats something, nested repeats multiplied.
	maxRepeat = 1000
	// maxExpanded bounds what repeats beyond that are written out to, in bytes.
	maxExpanded = 1 << 20
	// noMaximum stands for the missing maximum of {n,}.
	noMaximum = -1
)

// quantifier reads what may follow an atom, of which the translation begins at
// from and has that weight.
func (p *parser) quantifier(from, weight int) (int, bool) {
	if !p.more() {
		return weight, true
	}
	switch c := p.src[p.pos]; c {
	case '*', '+', '?':
		p.emit(p.src[p.pos : p.pos+1])
		p.pos++
	case '{':
		at := p.pos
		least, most, isOne := p.bounds()
		if !isOne {
			p.pos = at
			return weight, true // the brace is the next atom
		}
		if most != noMaximum && most < least {
			p.pos = at
			return 0, p.fail("a quantifier whose numbers are out of order")
		}
		p.take("?") // which of several matches is found does not matter
		if p.translates {
			weight = p.repeat(at, from, weight, least, most)
		}
		return weight, true
	default:
		return weight, true
	}
	p.take("?")
	return weight, true
}

// bounds reads {n}, {n,} or {n,m}; isOne is false when that is not next.
func (p *parser) bounds() (least, most int, isOne bool) {
	p.pos++
	least, ok := p.number()
	if !ok {
		return 0, 0, false
	}
	most = least
	if p.take(",") {
		if most, ok = p.number(); !ok {
			most = noMaximum
		}
	}
	return least, most, p.take("}")
}

// number reads digits. A number beyond all bounds stays beyond them.
func (p *parser) number() (n int, ok bool) {
	for ; p.more() && isDigit(p.src[p.pos]); p.pos++ {
		n = min(n*10+int(p.src[p.pos]-'0'), 1<<31-1)
		ok = true
	}
	return n, ok
}

// repeat writes the repetition of an atom, in pieces where RE2 would not take it
// as one, and returns its weight.
func (p *parser) repeat(at, from, weight, least, most int) int {
	piece := max(maxRepeat/weight, 1)
	count := max(least, most)
	if count <= piece {
		p.emit(bounds(least, most))
		return weight * max(count, 1)
	}
	atom := "(?:" + string(p.out[from:]) + ")"
	if (count/piece+2)*len(atom) > maxExpanded {
		p.refuse(at, "a quantifier that repeats too often")
		return 1
	}
	p.out = append(p.out[:from], "(?:"...)
	for n := least; n > 0; n -= piece {
		p.emit(atom)
		p.emit(bounds(min(n, piece), min(n, piece)))
	}
	if most == noMaximum {
		p.emit(atom)
		p.emit("*")
	}
	for n := most - least; n > 0; n -= piece {
		p.emit(atom)
		p.emit(bounds(0, min(n, piece)))
	}
	p.emit(")")
	return weight * piece
}

// bounds spells a quantifier.
func bounds(least, most int) string {
	switch most {
	case noMaximum:
		return fmt.Sprintf("{%d,}", least)
	case least:
		return fmt.Sprintf("{%d}", least)
	}
	return fmt.Sprintf("{%d,%d}", least, most)
}
