package config

import (
	"strings"

	"sluice/stages/nearest"
)

// Nearest returns the candidate that word was most likely meant to be, "" when
// none is near: at most two slips, or one in three letters of a long word.
func Nearest(word string, candidates []string) string {
	best, bestDistance := "", max(2, len(word)/3)+1
	for _, c := range candidates {
		if d := nearest.Distance(strings.ToLower(word), strings.ToLower(c)); d < bestDistance && d < len(c) {
			best, bestDistance = c, d
		}
	}
	return best
}
