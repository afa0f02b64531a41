package pipeline

// Path names a field: keys with dots between them and [n] for array elements.
// A key that has a dot, a bracket or a quote is quoted: "id.orig_h". A Path is
// parsed once and may be used by any number of goroutines.
type Path struct {
	segs []segment
}

type segment struct {
	key   string // the key, unescaped; "" when index >= 0
	index int    // array index, or -1
	json  []byte // the key as JSON, quotes included
}

// ParsePath reads a path as it stands in configuration.
func ParsePath(s string) (Path, error) { panic("skeleton") }

// MustPath is ParsePath for constants; it panics on a mistake.
func MustPath(s string) Path { panic("skeleton") }

// KeyPath is the path of a top-level key taken literally, dots and all.
func KeyPath(key string) Path { panic("skeleton") }

// String returns the path as ParsePath reads it.
func (p Path) String() string { panic("skeleton") }

// Pointer returns the path as a JSON Pointer (RFC 6901).
func (p Path) Pointer() string { panic("skeleton") }

// Zero says whether p is the zero Path, which names nothing.
func (p Path) Zero() bool { return len(p.segs) == 0 }
