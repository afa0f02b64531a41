package format

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
)

// ErrPattern marks the errors of Pattern for expressions that are correct and
// that a matcher of linear time cannot take.
var ErrPattern = errors.New("which cannot be matched in time linear in the text")

// Pattern compiles a regular expression of ECMA-262 (see parser for what of it).
// The result says whether a text matches anywhere; it captures nothing. The
// error says what is wrong, at which character, and what to do.
func Pattern(expr string) (*regexp.Regexp, error) {
	p := parser{src: expr, translates: true}
	if !p.parse() {
		return nil, fmt.Errorf("at character %d is %s", p.character1(p.fault.at), p.fault.what)
	}
	if p.refusal.what != "" {
		return nil, fmt.Errorf("at character %d is %s, %w%s",
			p.character1(p.refusal.at), p.refusal.what, ErrPattern, advice[p.refusal.what])
	}
	re, err := regexp.Compile(string(p.out))
	if e, ok := errors.AsType[*syntax.Error](err); ok {
		return nil, fmt.Errorf("%s, %w; make it shorter", e.Code, ErrPattern)
	}
	return re, err
}

// advice is what to do about what RE2 cannot take.
var advice = map[string]string{
	whatLookahead:     `; write it as several patterns: "allOf": [{"pattern": ...}, {"not": {"pattern": ...}}]`,
	whatLookbehind:    `; write the pattern without it, or as several patterns under "allOf" and "not"`,
	whatBackreference: "; write out what it may repeat",
	whatProperty:      "; write its characters in brackets",
	whatMultiline:     `; write (?:^|\n) for the begin of a line and (?:$|\n) for its end`,
}

// character1 is the number of the character at a byte of the expression, from 1.
func (p *parser) character1(at int) int { return len([]rune(p.src[:at])) + 1 }
