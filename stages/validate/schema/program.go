package schema

import (
	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
)

// Reference checks a value against one schema, for those that a program leaves
// to the library. It is called by many goroutines at once and keeps nothing of
// the value. known is false for a value that is beyond what it can judge; a
// record with one does not fit, wherever in its schema the question came up.
type Reference interface {
	Fits(s *jsonschema.Schema, v pipeline.Value) (fits, known bool)
}

// Program is a compiled schema. It is safe for any number of goroutines.
type Program struct {
	root      *rule
	reference Reference
	slow      []string
}

// Fits says whether the value fits the schema. It allocates nothing but what
// the slow parts need and what grows the memory that is used again.
func (p *Program) Fits(v pipeline.Value) bool {
	src, nodes, at := v.Index()
	if int(at) >= len(nodes) {
		return false
	}
	r := run{src: src, nodes: nodes, reference: p.reference}
	ok := r.fits(p.root, at)
	r.end()
	return ok && !r.unknown
}

// SlowParts returns the places of the keywords that the library checks, as the
// URL of the document and a JSON Pointer behind a hash, in order.
func (p *Program) SlowParts() []string { return p.slow }
