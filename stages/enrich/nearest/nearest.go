// Package nearest finds the known name that a misspelled one was meant to be.
package nearest

// Name returns the candidate with the smallest edit distance (Levenshtein) to
// word, and "" when none is near enough to be worth a suggestion: more than about
// a third of the word's letters, or more than three, would have to change.
func Name(word string, candidates []string) string {
	best, bestDistance := "", min(3, max(1, (len(word)+1)/3))+1
	for _, c := range candidates {
		if d := distance(word, c); d < bestDistance {
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

// distance is the number of single-byte edits between a and b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
