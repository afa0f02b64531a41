package pipeline

// DefaultMaxDepth is how deep a record may nest unless the configuration says
// otherwise.
const DefaultMaxDepth = 128

// Scan checks that src is one JSON text (RFC 8259, UTF-8) and appends its
// index to dst, in one pass and in time linear in len(src). White space around
// the text is allowed, a byte order mark is not. The error has Code
// CodeNotJSON, CodeInvalidUTF8 or CodeTooDeep, and says at which byte.
func Scan(dst []Node, src []byte, maxDepth int) ([]Node, *RecordError) {
	panic("skeleton")
}
