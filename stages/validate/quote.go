package validate

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"unicode/utf8"

	"sluice/pipeline"
)

// The bounds of what a message quotes, in bytes before the dots.
const (
	maxQuoted  = 80  // one value, name or pattern
	maxPointer = 160 // a JSON Pointer
	maxKeyword = 200 // a keyword location
	maxListed  = 10  // values of an enum, names of properties
)

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

// quoteValue returns a value as the record spells it, bounded; a container as
// its type.
func quoteValue(v pipeline.Value) string {
	switch v.Kind() {
	case pipeline.KindArray, pipeline.KindObject:
		return withArticle(v.Kind().String())
	}
	text := v.JSON()
	// Only what will be shown is copied.
	return shorten(string(text[:min(len(text), maxQuoted+utf8.UTFMax)]), maxQuoted)
}

// quoteName returns a property name in quotes, bounded.
func quoteName(s string) string {
	return encode(shorten(s, maxQuoted))
}

// quoteAny returns a decoded JSON value as JSON, bounded.
func quoteAny(v any) string {
	if s, ok := v.(string); ok {
		return quoteName(s)
	}
	return shorten(encode(v), maxQuoted)
}

func encode(v any) string {
	var sb strings.Builder
	enc := json.NewEncoder(&sb)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprintf("%v", v)
	}
	return strings.TrimSuffix(sb.String(), "\n")
}

// quoteList returns "a", "b" or "c" of JSON values, bounded in number.
func quoteList[T any](values []T) string {
	shown := values[:min(len(values), maxListed)]
	parts := make([]string, 0, maxListed)
	for _, v := range shown {
		parts = append(parts, quoteAny(v))
	}
	list := strings.Join(parts, ", ")
	if more := len(values) - len(shown); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// quoteRat returns a schema's number in full where that is short.
func quoteRat(r *big.Rat) string {
	digits, exact := r.FloatPrec()
	if !exact || digits > maxQuoted {
		return r.RatString()
	}
	return shorten(r.FloatString(digits), maxQuoted)
}

func withArticle(name string) string {
	switch name {
	case "null":
		return name
	case "array", "object", "integer":
		return "an " + name
	}
	return "a " + name
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
