package schema

import (
	"unsafe"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// matcher is a pattern.
type matcher struct {
	engine jsonschema.Regexp
}

func newMatcher(re jsonschema.Regexp) *matcher { return &matcher{engine: re} }

// match says whether the pattern matches in the text.
func (m *matcher) match(text []byte) bool {
	return m.engine.MatchString(unsafe.String(unsafe.SliceData(text), len(text)))
}
