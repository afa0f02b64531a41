package format

import (
	"strings"
	"unicode"
)

// property reads the rest of \p{...} or \P{...} and returns the set as it stands
// in brackets, with a translation; else any text.
func (p *parser) property(negated bool) (set string, ok bool) {
	start := p.pos - 2
	end := strings.IndexByte(p.rest(), '}')
	if !strings.HasPrefix(p.rest(), "{") || end < 0 {
		return "", p.fail("\\p without a property, such as \\p{Letter}")
	}
	name, value, hasValue := strings.Cut(p.rest()[1:end], "=")
	found, known := lookupProperty(name, value, hasValue)
	if !known {
		return "", p.fail("a Unicode property that ECMA-262 does not have")
	}
	p.pos += end + 1
	if found.name == "" && found.in == nil {
		p.refuse(start, whatProperty)
		return digitSet, true
	}
	if !p.translates {
		return digitSet, true
	}
	return found.set(negated), true
}

// property is a set of characters: the one that has a name in RE2, or else what is
// in any of the tables and in none of those that are left out. The zero property
// is one that there is no table for.
type property struct {
	name    string
	in, out []*unicode.RangeTable
}

// lookupProperty finds a property by its name in ECMA-262, which is exact.
func lookupProperty(name, value string, hasValue bool) (found property, known bool) {
	if !hasValue {
		if found, known = category(name); !known {
			found, known = binaryProperties[name]
		}
		return found, known
	}
	switch name {
	case "General_Category", "gc":
		return category(value)
	case "Script", "sc":
		return script(value)
	case "Script_Extensions", "scx":
		_, known := script(value)
		return property{}, known
	}
	return property{}, false
}

func category(name string) (found property, known bool) {
	if short, ok := unicode.CategoryAliases[name]; ok {
		name = short
	}
	_, known = unicode.Categories[name]
	return property{name: name}, known
}

func script(name string) (found property, known bool) {
	if long, ok := scriptNames[name]; ok {
		name = long
	}
	_, known = unicode.Scripts[name]
	return property{name: name}, known
}

// set returns the property, or its complement, as it stands in brackets.
func (p property) set(negated bool) string {
	switch {
	case p.name != "" && negated:
		return `\P{` + p.name + "}"
	case p.name != "":
		return `\p{` + p.name + "}"
	}
	outside := merge(append(complement(spansOf(p.in)), spansOf(p.out)...))
	spans := outside
	if !negated {
		spans = complement(outside)
	}
	// The complement has no surrogates either.
	spans = complement(merge(append(complement(spans), surrogates...)))
	var set []byte
	for _, s := range spans {
		set = appendRune(set, s.low)
		if s.low < s.high {
			set = appendRune(append(set, '-'), s.high)
		}
	}
	return string(set)
}
