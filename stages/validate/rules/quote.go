package rules

import (
	"unicode/utf8"

	"sluice/pipeline"
)

// The bounds of what a message shows, in bytes before the dots.
const (
	maxValue      = 80
	maxExpression = 200
)

// quote returns a value as the record spells it, bounded.
func quote(v pipeline.Value) string {
	if !v.Exists() {
		return "missing"
	}
	text := v.JSON()
	return shorten(string(text[:min(len(text), maxValue+utf8.UTFMax)]), maxValue)
}

// shorten cuts s to at most n bytes, not inside a character, and shows that it
// did.
func shorten(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}
