package format

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxNesting bounds how deep groups nest: the parser recurses.
const maxNesting = 250

// parser reads a regular expression of ECMA-262 2025 with Unicode semantics (flag
// u). Beyond those it takes what is common in schemas although only the grammar
// without the flag has it (annex B): escaped punctuation, braces and closing
// brackets that stand for themselves, and a hyphen beside a class in brackets.
// Escaped letters without a meaning stay an error.
//
// When it translates, it writes the same expression for Go's regexp package, all
// its groups non-capturing. Time linear in the text; nothing is allocated but by
// the translation and for names of groups.
type parser struct {
	src       string
	pos       int
	nesting   int
	groups    int // capturing groups so far
	reference int // the highest number that a backreference has
	names     []string
	refs      []string // names that backreferences have

	translates bool
	out        []byte
	dotAll     bool // a dot is any character, by (?s:

	fault   fault // why the text is no regular expression
	refusal fault // the first thing that RE2 cannot take
}

// fault is what is wrong with an expression at a byte of it; the zero fault is
// none.
type fault struct {
	at   int
	what string
}

// parse reads the whole expression; false means that fault is set.
func (p *parser) parse() bool {
	if _, ok := p.disjunction(); !ok {
		return false
	}
	if p.more() {
		return p.fail("an unopened parenthesis")
	}
	if p.reference > p.groups {
		return p.fail("a backreference to a group that is not there")
	}
	for _, name := range p.refs {
		if !contains(p.names, name) {
			return p.fail("a backreference to a name that no group has")
		}
	}
	return true
}

func contains(names []string, name string) bool {
	return slices.Contains(names, name)
}

// fail notes what is wrong here and returns false.
func (p *parser) fail(what string) bool {
	p.fault = fault{at: p.pos, what: what}
	return false
}

// refuse notes what RE2 cannot take.
func (p *parser) refuse(at int, what string) {
	if p.refusal.what == "" {
		p.refusal = fault{at: at, what: what}
	}
}

func (p *parser) more() bool { return p.pos < len(p.src) }

// rest is what is still to be read.
func (p *parser) rest() string { return p.src[p.pos:] }

// take reads text if it is next.
func (p *parser) take(text string) bool {
	if !strings.HasPrefix(p.rest(), text) {
		return false
	}
	p.pos += len(text)
	return true
}

// next reads one character.
func (p *parser) next() rune {
	r, size := utf8.DecodeRuneInString(p.rest())
	p.pos += size
	return r
}

func (p *parser) emit(text string) {
	if p.translates {
		p.out = append(p.out, text...)
	}
}

// disjunction reads alternatives up to the end or a closing parenthesis. The
// weight of what was read is how often its most repeated part is repeated.
func (p *parser) disjunction() (weight int, ok bool) {
	weight = 1
	for p.more() && p.src[p.pos] != ')' {
		if p.take("|") {
			p.emit("|")
			continue
		}
		w, ok := p.term()
		if !ok {
			return 0, false
		}
		weight = max(weight, w)
	}
	return weight, true
}

// term reads one assertion, or one atom with its quantifier.
func (p *parser) term() (weight int, ok bool) {
	start, from := p.pos, len(p.out)
	switch p.src[p.pos] {
	case '^', '$':
		p.emit(p.src[p.pos : p.pos+1])
		p.pos++
		return 1, p.noQuantifier()
	case '(':
		weight, lookbehind, ok := p.group()
		if !ok {
			return 0, false
		}
		if lookbehind {
			return 1, p.noQuantifier()
		}
		return p.quantifier(from, weight)
	case '[':
		p.pos++
		if !p.class() {
			return 0, false
		}
	case '.':
		p.pos++
		if p.dotAll {
			p.emit(`(?s:.)`)
		} else {
			p.emit(`[^\n\r\x{2028}\x{2029}]`)
		}
	case '\\':
		if rest := p.rest(); strings.HasPrefix(rest, `\b`) || strings.HasPrefix(rest, `\B`) {
			p.emit(rest[:2])
			p.pos += 2
			return 1, p.noQuantifier()
		}
		if !p.escape() {
			return 0, false
		}
	case '*', '+', '?':
		return 0, p.fail("a quantifier with nothing to repeat")
	case '{':
		if _, _, isOne := p.bounds(); isOne {
			p.pos = start
			return 0, p.fail("a quantifier with nothing to repeat")
		}
		p.pos = start + 1
		p.emitRune('{')
	default:
		p.emitRune(p.next())
	}
	return p.quantifier(from, 1)
}

// noQuantifier says whether no quantifier follows, which an assertion cannot
// have.
func (p *parser) noQuantifier() bool {
	if !p.more() {
		return true
	}
	at := p.pos
	isOne := strings.IndexByte("*+?", p.src[p.pos]) >= 0
	if p.src[p.pos] == '{' {
		_, _, isOne = p.bounds()
		p.pos = at
	}
	return !isOne || p.fail("a quantifier with nothing to repeat")
}
