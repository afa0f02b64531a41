package validate

import (
	"sluice/pipeline"
	"sluice/stages/validate/schema"
)

// programChecker checks with a compiled program, which decodes nothing. For a
// record that does not fit, the library finds what to tell.
type programChecker struct {
	program *schema.Program
	library libraryChecker
}

var _ Checker = (*programChecker)(nil)

// Check implements Checker.
func (p *programChecker) Check(root pipeline.Value) *Failure {
	if p.program.Fits(root) {
		return nil
	}
	return p.library.Check(root)
}
