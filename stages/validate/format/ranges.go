package format

import (
	"cmp"
	"slices"
	"unicode"
)

// span is a range of characters.
type span struct{ low, high rune }

// surrogates are in no text.
var surrogates = []span{{0xD800, 0xDFFF}}

// spansOf returns what is in any of the tables, in order and without touching
// spans.
func spansOf(tables []*unicode.RangeTable) []span {
	var spans []span
	add := func(low, high, stride rune) {
		if stride == 1 {
			spans = append(spans, span{low, high})
			return
		}
		for r := low; r <= high; r += stride {
			spans = append(spans, span{r, r})
		}
	}
	for _, t := range tables {
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
	}
	return merge(spans)
}

// merge orders spans and joins those that overlap or touch.
func merge(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.low, b.low) })
	var merged []span
	for _, s := range spans {
		if last := len(merged) - 1; last >= 0 && s.low <= merged[last].high+1 {
			merged[last].high = max(merged[last].high, s.high)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// complement returns the characters that are in none of the spans, which are
// merged.
func complement(spans []span) []span {
	var rest []span
	low := rune(0)
	for _, s := range spans {
		if low < s.low {
			rest = append(rest, span{low, s.low - 1})
		}
		low = s.high + 1
	}
	if low <= unicode.MaxRune {
		rest = append(rest, span{low, unicode.MaxRune})
	}
	return rest
}
