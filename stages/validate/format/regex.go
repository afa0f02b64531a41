package format

// isRegex checks that a text is a regular expression of ECMA-262; see parser for
// the grammar. Lookarounds and backreferences are of it, although Pattern cannot
// take them.
func isRegex(b []byte) bool {
	p := parser{src: view(b)}
	return p.parse()
}
