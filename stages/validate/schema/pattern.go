package schema

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// maxWords bounds the words that a pattern is taken apart into.
const maxWords = 256

// newMatcher makes the matcher of a pattern. An engine that translates patterns
// has a method RE2, which returns what it made of this one.
func newMatcher(engine jsonschema.Regexp) *matcher {
	m := &matcher{engine: engine}
	expr := engine.String()
	if translated, ok := engine.(interface{ RE2() string }); ok {
		expr = translated.RE2()
	}
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return m
	}
	parts := flatten(nil, parsed)
	start := len(parts) > 0 && parts[0].Op == syntax.OpBeginText
	if start {
		parts = parts[1:]
	}
	m.end = len(parts) > 0 && parts[len(parts)-1].Op == syntax.OpEndText
	if m.end {
		parts = parts[:len(parts)-1]
	}
	words, finite := wordsOf(parts)
	switch {
	case finite && start && m.end:
		slices.Sort(words)
		m.kind, m.words = matchWords, newKeyTable(slices.Compact(words))
	case finite && !start && len(words) == 1:
		m.kind, m.literal = matchLiteral, []byte(words[0])
	case start:
		if steps, ok := stepsOf(parts); ok && deterministic(steps) {
			m.kind, m.steps = matchSteps, steps
		}
	}
	return m
}

// flatten appends the parts of a concatenation; groups are looked through.
func flatten(parts []*syntax.Regexp, re *syntax.Regexp) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			parts = flatten(parts, sub)
		}
		return parts
	case syntax.OpEmptyMatch:
		return parts
	}
	return append(parts, re)
}

// wordsOf returns the texts that parts one after the other match, where those
// are few.
func wordsOf(parts []*syntax.Regexp) (words []string, ok bool) {
	words = []string{""}
	for _, part := range parts {
		ends, ok := alternatives(part)
		if !ok || len(ends)*len(words) > maxWords {
			return nil, false
		}
		var longer []string
		for _, word := range words {
			for _, end := range ends {
				longer = append(longer, word+end)
			}
		}
		words = longer
	}
	return words, true
}

func alternatives(re *syntax.Regexp) (words []string, ok bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}, re.Flags&syntax.FoldCase == 0
	case syntax.OpCharClass:
		for i := 0; i < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if words = append(words, string(r)); len(words) > maxWords || r > unicode.MaxRune {
					return nil, false
				}
			}
		}
		return words, true
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			some, ok := wordsOf(flatten(nil, sub))
			if !ok {
				return nil, false
			}
			words = append(words, some...)
		}
		return words, len(words) <= maxWords
	case syntax.OpQuest:
		words, ok = wordsOf(flatten(nil, re.Sub[0]))
		return append(words, ""), ok
	case syntax.OpConcat, syntax.OpCapture, syntax.OpEmptyMatch:
		return wordsOf(flatten(nil, re))
	}
	return nil, false
}

// stepsOf returns the steps that match the parts.
func stepsOf(parts []*syntax.Regexp) (steps []classStep, ok bool) {
	for _, part := range parts {
		if part.Op == syntax.OpLiteral {
			for _, r := range part.Rune {
				if r >= utf8.RuneSelf || part.Flags&syntax.FoldCase != 0 {
					return nil, false
				}
				s := classStep{least: 1, most: 1}
				s.class.add(byte(r))
				steps = append(steps, s)
			}
			continue
		}
		s := classStep{least: 1, most: 1}
		switch part.Op {
		case syntax.OpStar:
			s.least, s.most = 0, -1
		case syntax.OpPlus:
			s.most = -1
		case syntax.OpQuest:
			s.least = 0
		case syntax.OpRepeat:
			s.least, s.most = part.Min, part.Max
		}
		if s != (classStep{least: 1, most: 1}) || part.Op == syntax.OpRepeat {
			inner := flatten(nil, part.Sub[0])
			if len(inner) != 1 {
				return nil, false
			}
			part = inner[0]
		}
		if s.class, ok = classOf(part); !ok {
			return nil, false
		}
		steps = append(steps, s)
	}
	return steps, true
}

// classOf returns the class of a pattern that takes one character.
func classOf(re *syntax.Regexp) (c class, ok bool) {
	ranges := re.Rune
	switch re.Op {
	case syntax.OpAnyChar:
		ranges = []rune{0, unicode.MaxRune}
	case syntax.OpAnyCharNotNL:
		ranges = []rune{0, '\n' - 1, '\n' + 1, unicode.MaxRune}
	case syntax.OpLiteral:
		if len(re.Rune) != 1 || re.Flags&syntax.FoldCase != 0 {
			return c, false
		}
		ranges = []rune{re.Rune[0], re.Rune[0]}
	case syntax.OpCharClass:
	default:
		return c, false
	}
	for i := 0; i < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		for r := lo; r <= hi && r < utf8.RuneSelf; r++ {
			c.add(byte(r))
		}
		if hi >= utf8.RuneSelf {
			if lo > utf8.RuneSelf || hi < unicode.MaxRune {
				return c, false // some of the others
			}
			c.foreign = true
		}
	}
	return c, true
}

// deterministic says whether each step can take as much as it may: whatever may
// come behind a step of variable length begins with another character.
func deterministic(steps []classStep) bool {
	for i := range steps {
		if steps[i].least == steps[i].most {
			continue
		}
		for k := i + 1; k < len(steps); k++ {
			if steps[i].class.meets(&steps[k].class) {
				return false
			}
			if steps[k].least > 0 {
				break
			}
		}
	}
	return true
}
