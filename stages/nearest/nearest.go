// Package nearest finds the known name that a misspelled one was meant to be.
package nearest

// Name returns the candidate with the smallest edit distance to
// word, and "" when none is near enough to be worth a suggestion: more than about
// a third of the word's letters, or more than three, would have to change.
func Name(word string, candidates []string) string {
	best, bestDistance := "", min(3, (len(word)+1)/3)+1
	for _, c := range candidates {
		if d := Distance(word, c); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// Hint returns a clause for an error message: "; did you mean x?", or "".
func Hint(word string, candidates []string) string {
	if name := Name(word, candidates); name != "" {
		return "; did you mean " + name + "?"
	}
	return ""
}

// Distance is the number of edits between a and b: a byte put in, taken out or
// replaced, or two neighbours swapped (optimal string alignment).
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
