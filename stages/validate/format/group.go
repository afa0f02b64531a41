package format

import (
	"strings"
	"unicode"
)

// What RE2 cannot take, as messages.
const (
	whatLookahead     = "a lookahead"
	whatLookbehind    = "a lookbehind"
	whatBackreference = "a backreference"
	whatMultiline     = "the flag m"
	whatProperty      = "a Unicode property for which there is no table"
)

// group reads a group of any kind at an opening parenthesis.
func (p *parser) group() (weight int, lookbehind, ok bool) {
	start := p.pos
	if p.nesting++; p.nesting > maxNesting {
		return 0, false, p.fail("groups nested too deep")
	}
	dotAll := p.dotAll
	p.pos++
	switch {
	case !p.take("?"):
		p.groups++
		p.emit("(?:")
	case p.take(":"):
		p.emit("(?:")
	case p.take("="), p.take("!"):
		p.refuse(start, whatLookahead)
	case p.take("<="), p.take("<!"):
		lookbehind = true
		p.refuse(start, whatLookbehind)
	case p.take("<"):
		p.groups++
		if !p.define() {
			return 0, false, false
		}
		p.emit("(?:")
	case !p.modifiers(start):
		return 0, false, false
	}
	weight, ok = p.disjunction()
	if !ok {
		return 0, false, false
	}
	if !p.take(")") {
		p.pos = start
		return 0, false, p.fail("a parenthesis that is not closed")
	}
	p.emit(")")
	p.nesting--
	p.dotAll = dotAll
	return weight, lookbehind, true
}

// define reads the name of a group.
func (p *parser) define() bool {
	name, ok := p.name()
	if !ok {
		return false
	}
	if contains(p.names, name) {
		return p.fail("a second group of the same name")
	}
	p.names = append(p.names, name)
	return true
}

// maxNames bounds the groups with names, so that looking them up stays cheap.
const maxNames = 100

// name reads the name of a group up to its closing angle.
func (p *parser) name() (string, bool) {
	end := strings.IndexByte(p.rest(), '>')
	if end < 1 || len(p.names)+len(p.refs) >= maxNames {
		return "", p.fail("a name of a group that is empty, not closed or one too many")
	}
	name := p.rest()[:end]
	for i, r := range name {
		if r != '$' && r != '_' && !unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start) &&
			(i == 0 || !unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Join_Control, unicode.Other_ID_Continue)) {
			return "", p.fail("a character that no name of a group may have")
		}
	}
	p.pos += end + 1
	return name, true
}

// modifiers reads the flags of a group: (?i-s:.
func (p *parser) modifiers(start int) bool {
	rest := p.rest()
	end := strings.IndexByte(rest, ':')
	on, off, negates := "", "", false
	if end >= 0 {
		on, off, negates = strings.Cut(rest[:end], "-")
	}
	flags := on + off
	if end < 0 || len(flags) > 3 || negates && flags == "" || strings.Trim(flags, "ims") != "" || repeats(flags) {
		p.pos = start
		switch {
		case strings.HasPrefix(rest, "P<"):
			return p.fail("(?P<name>; a named group is (?<name>")
		case rest != "" && strings.IndexByte("imsxU", rest[0]) >= 0:
			return p.fail("flags without a group; write (?i:...)")
		}
		return p.fail("a group of a kind that is not known")
	}
	p.pos += end + 1
	if strings.Contains(on, "m") {
		p.refuse(start, whatMultiline)
	}
	p.dotAll = (p.dotAll || strings.Contains(on, "s")) && !strings.Contains(off, "s")
	switch {
	case strings.Contains(on, "i"):
		p.emit("(?i:")
	case strings.Contains(off, "i"):
		p.emit("(?-i:")
	default:
		p.emit("(?:")
	}
	return true
}

func repeats(flags string) bool {
	for i := range len(flags) {
		if strings.IndexByte(flags[i+1:], flags[i]) >= 0 {
			return true
		}
	}
	return false
}
