package schema

import (
	"bytes"
	"unicode/utf8"
	"unsafe"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// matcher is a pattern. Patterns of the usual shapes are matched in one walk
// over the text: a run of character classes from the text's start, such as
// ^[0-9a-f]{8}-; a choice of words between ^ and $; a text that is contained.
// The regexp engine matches the others.
type matcher struct {
	engine  jsonschema.Regexp
	kind    matchKind
	end     bool        // whether the text ends where the steps or the literal do
	steps   []classStep // of matchSteps
	words   *keyTable   // of matchWords
	literal []byte      // of matchLiteral
}

type matchKind uint8

const (
	matchEngine matchKind = iota
	matchSteps
	matchWords
	matchLiteral
)

// classStep takes from least to most characters of a class; most is -1 for no
// limit.
type classStep struct {
	class       class
	least, most int
}

// class is a set of characters: some of ASCII, and all others or none.
type class struct {
	ascii   [2]uint64
	foreign bool
}

func (c *class) add(b byte) { c.ascii[b>>6] |= 1 << (b & 63) }

func (c *class) has(b byte) bool { return c.ascii[b>>6&1]>>(b&63)&1 != 0 }

func (c *class) meets(o *class) bool {
	return c.ascii[0]&o.ascii[0] != 0 || c.ascii[1]&o.ascii[1] != 0 || c.foreign && o.foreign
}

// match says whether the pattern matches in the text, which is UTF-8.
func (m *matcher) match(text []byte) bool {
	switch m.kind {
	case matchSteps:
		return m.matchSteps(text)
	case matchWords:
		return m.words.find(text, 0, len(text)) >= 0
	case matchLiteral:
		if m.end {
			return bytes.HasSuffix(text, m.literal)
		}
		return bytes.Contains(text, m.literal)
	}
	return m.engine.MatchString(unsafe.String(unsafe.SliceData(text), len(text)))
}

// matchSteps goes through the steps without ever going back: what a step leaves
// begins with a character that it does not take.
func (m *matcher) matchSteps(text []byte) bool {
	i := 0
	for k := range m.steps {
		s := &m.steps[k]
		n := 0
		for n != s.most && i < len(text) {
			if c := text[i]; c >= utf8.RuneSelf {
				if !s.class.foreign {
					break
				}
				_, size := utf8.DecodeRune(text[i:])
				i += size
			} else if s.class.has(c) {
				i++
			} else {
				break
			}
			n++
		}
		if n < s.least {
			return false
		}
	}
	return !m.end || i == len(text)
}
