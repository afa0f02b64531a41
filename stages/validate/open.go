package validate

import "sluice/pipeline"

// Schema is a compiled schema by itself, for values of any kind. It is safe for
// any number of goroutines.
type Schema struct{ checker *programChecker }

var _ Checker = (*Schema)(nil)

// OpenSchema compiles the schema in a file. The error is for a person: it has the
// place in the file where that is known.
func OpenSchema(path string, options Options) (*Schema, error) {
	if err := options.Validate(); err != nil {
		return nil, err
	}
	checker, err := compileFile(path, options)
	if err != nil {
		return nil, err
	}
	return &Schema{checker}, nil
}

// Check implements Checker.
func (s *Schema) Check(v pipeline.Value) *Failure { return s.checker.Check(v) }

// CheckAll implements Checker.
func (s *Schema) CheckAll(v pipeline.Value) *Failure { return s.checker.CheckAll(v) }

// SlowParts returns the places of the keywords of a schema that the library
// checks, as Failure.Keyword has them, in order.
func (s *Schema) SlowParts() []string { return s.checker.slowParts() }
