package validate

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"sluice/pipeline"
	"sluice/stages/validate/schema"
)

// programChecker checks with a compiled program, which decodes nothing. For a
// record that does not fit, the program leads to the places at fault, and the
// library says what to tell of them; it sees no more of the record than those.
type programChecker struct {
	program *schema.Program
	library libraryChecker
}

var _ Checker = (*programChecker)(nil)

// Check implements Checker. The failure is the one that the library alone would
// find.
func (p *programChecker) Check(root pipeline.Value) *Failure {
	if p.program.Fits(root) {
		return nil
	}
	if f, ok := p.nearestFault(root); ok {
		return p.library.places.failure(root, f)
	}
	return p.library.Check(root)
}

// slowParts returns the places of the keywords that the library checks, as
// Failure.Keyword has them.
func (p *programChecker) slowParts() []string {
	var parts []string
	for _, part := range p.program.SlowParts() {
		parts = append(parts, p.library.places.location(part))
	}
	return parts
}

// nearestFault returns what to tell of a record that does not fit; ok is false
// when the library finds nothing.
func (p *programChecker) nearestFault(root pipeline.Value) (best finding, ok bool) {
	faults := p.program.Faults(root)
	slices.SortStableFunc(faults, func(a, b schema.Fault) int { return compareTokens(a.Path, b.Path) })
	for i := range faults {
		// What is found below a place comes after the place itself.
		if ok && compareTokens(best.err.InstanceLocation, faults[i].Path) < 0 {
			break
		}
		f, found := look(&faults[i])
		if found && (!ok || compareErrors(f.err, best.err) < 0) {
			best, ok = f, true
		}
	}
	return best, ok
}

// look finds what to tell of one fault.
func look(f *schema.Fault) (finding, bool) {
	switch {
	case f.Missing != nil:
		return direct(f, &kind.Required{Missing: f.Missing}), true
	case f.Extra != nil:
		return direct(f, &kind.AdditionalProperties{Properties: f.Extra}), true
	}
	err := validateWith(f.Schema, f.Value)
	if err == nil {
		return finding{}, false
	}
	found := first(err)
	// What the library says is relative to the value that it was given.
	moved := *found.err
	moved.InstanceLocation = append(slices.Clip(f.Path), moved.InstanceLocation...)
	found.err = &moved
	return found, true
}

func direct(f *schema.Fault, k jsonschema.ErrorKind) finding {
	return finding{err: &jsonschema.ValidationError{SchemaURL: f.Schema.Location, InstanceLocation: f.Path, ErrorKind: k}}
}
