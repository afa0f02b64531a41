package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sluice/stages/nearest"
)

// columnOf finds a column by name. One that the header has more than once
// cannot be meant.
func columnOf(header []string, name string) (int, error) {
	at := slices.Index(header, name)
	if at < 0 {
		return 0, fmt.Errorf("there is no column %q%s; the header has %s", name, nearest.Hint(name, header), list(header))
	}
	if again := slices.Index(header[at+1:], name); again >= 0 {
		return 0, fmt.Errorf("the header has %q twice, as columns %d and %d; rename one of them", name, at+1, at+again+2)
	}
	return at, nil
}

// What a message shows of a header: so many names, and so much of each.
const (
	maxListed = 60
	maxName   = 40
)

// list spells a header for a message. What is not printable is escaped.
func list(header []string) string {
	var names []string
	for _, name := range header[:min(len(header), maxListed)] {
		if spelled := strconv.Quote(name); spelled != `"`+name+`"` || len(name) > maxName {
			name = fmt.Sprintf("%.*q", maxName, name)
		}
		names = append(names, name)
	}
	if over := len(header) - len(names); over > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names, ", "), over)
	}
	return strings.Join(names, ", ")
}
