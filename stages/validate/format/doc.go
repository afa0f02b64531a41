// Package format checks strings against the formats of JSON Schema and compiles
// the patterns of schemas.
//
// # Formats
//
// Lookup returns the check of a format by its name. A check takes the decoded
// text of a string, needs time linear in its length and allocates nothing; two
// exceptions are idn-hostname, and labels of a hostname that begin with xn--:
// both are taken apart by golang.org/x/net/idna, label by label.
//
// # Patterns
//
// Pattern compiles a regular expression of ECMA-262, with Unicode semantics as
// JSON Schema asks for, to Go's RE2: matching is linear in the text, whatever the
// pattern. What is spelled otherwise or means something else there is
// translated; what a linear-time matcher cannot do (lookaheads, lookbehinds and
// backreferences) is an error. The format regex is the grammar alone, so that it
// takes those as well.
package format
