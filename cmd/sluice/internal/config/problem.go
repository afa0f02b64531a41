package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Problem is one mistake in the configuration.
type Problem struct {
	Key     string // dotted key, "" for the file as a whole
	Message string // what was found, what was expected, what to do

	Origin string // the file, variable or flag it comes from
	Line   int    // 1-based; 0 where the origin has no lines
	Column int    // 1-based, in characters
	Source string // the line of the file
}

// String returns the problem as a person reads it, with the line it stands in.
func (p Problem) String() string {
	var b strings.Builder
	if p.Origin != "" {
		b.WriteString(p.Origin)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
		}
		b.WriteString(": ")
	}
	if p.Key != "" {
		b.WriteString(p.Key + ": ")
	}
	b.WriteString(Redact(p.Message))
	if p.Line > 0 {
		source := redactLine(p.Source)
		number := fmt.Sprintf("%5d", p.Line)
		fmt.Fprintf(&b, "\n%s | %s", number, source)
		if source == p.Source {
			fmt.Fprintf(&b, "\n%*s | %s^", len(number), "", indent(source, p.Column-1))
		}
	}
	return b.String()
}

// indent returns white space as wide as the first n characters of line.
func indent(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n--; n < 0 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Problems are all the mistakes of one configuration; as an error it shows
// every one of them.
type Problems []Problem

// Error implements error.
func (ps Problems) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the configuration has %d mistake%s", len(ps), plural(len(ps)))
	for _, p := range ps {
		b.WriteString("\n\n" + p.String())
	}
	return b.String()
}

func plural(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// add appends p unless a mistake at the same key, or at one that contains it,
// is known already: what follows from it would only confuse.
func (ps *Problems) add(p Problem) {
	for _, known := range *ps {
		if p.Key != "" && known.Key != "" && contains(known.Key, p.Key) {
			return
		}
	}
	*ps = append(*ps, p)
}

func contains(outer, inner string) bool {
	rest, ok := strings.CutPrefix(inner, outer)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// sort puts the problems in the order of the file; those of variables and flags
// come after.
func (ps Problems) sort() {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(btoi(a.Line == 0), btoi(b.Line == 0)),
			cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

var password = regexp.MustCompile(`(://[^/\s:@"']*):[^@\s"']+@`)

// Redact hides the passwords of all URLs in a text.
func Redact(text string) string { return password.ReplaceAllString(text, "$1:***@") }

var tokenKey = regexp.MustCompile(`(\btoken["']?\s*:\s*)[^\s,}]+`)

// redactLine also hides a token that somebody put into the file, where none
// belongs.
func redactLine(line string) string { return tokenKey.ReplaceAllString(Redact(line), "$1***") }
