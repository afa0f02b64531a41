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

// CheckAll implements Checker.
func (p *programChecker) CheckAll(root pipeline.Value) *Failure {
	f := p.Check(root)
	if f == nil {
		return nil
	}
	faults, more := p.program.EveryFault(root, maxFaults)
	slices.SortStableFunc(faults, func(a, b schema.Fault) int { return compareTokens(a.Path, b.Path) })
	list := newFailureList(p.library.places, root, f)
	e := &effort{library: p.library.library, left: visitLimit(maxTelling, root)}
	for i := range faults {
		if list.full() {
			more += len(faults) - i
			break
		}
		list.addAll(e.lookAll(&faults[i]))
	}
	return list.end(more)
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
	e := &effort{library: p.library.library, left: visitLimit(maxTelling, root)}
	for i := range faults {
		// What is found below a place comes after the place itself.
		if ok && compareTokens(best.err.InstanceLocation, faults[i].Path) < 0 {
			break
		}
		f, found := e.look(&faults[i])
		if found && (!ok || compareErrors(f.err, best.err) < 0) {
			best, ok = f, true
		}
	}
	return best, ok
}

// effort bounds what the library does to say what is wrong with one record.
type effort struct {
	library *library
	left    int // visits
}

// spend takes the visits that the fault costs off what is left, and says whether
// that was enough.
func (e *effort) spend(f *schema.Fault) bool {
	if e.library.comesBack {
		e.left -= new(visits).count(f.Schema, f.Value)
	}
	return e.left >= 0
}

// look finds what to tell of one fault.
func (e *effort) look(f *schema.Fault) (finding, bool) {
	if known, ok := told(f); ok {
		return known, true
	}
	if !e.spend(f) {
		return untold(f.Schema, f.Path), true
	}
	err := validateWith(f.Schema, f.Value)
	if err == nil {
		return finding{}, false
	}
	return moved(f, first(err)), true
}

// lookAll finds all that there is to tell of one fault.
func (e *effort) lookAll(f *schema.Fault) []finding {
	if known, ok := told(f); ok {
		return every(nil, known.err)
	}
	if !e.spend(f) {
		return []finding{untold(f.Schema, f.Path)}
	}
	err := validateWith(f.Schema, f.Value)
	if err == nil {
		return nil
	}
	found := every(nil, err)
	for i := range found {
		found[i] = moved(f, found[i])
	}
	return found
}

// told returns the finding of a fault that says itself what is wrong.
func told(f *schema.Fault) (known finding, ok bool) {
	switch {
	case f.Missing != nil:
		return direct(f, &kind.Required{Missing: f.Missing}), true
	case f.Extra != nil:
		return direct(f, &kind.AdditionalProperties{Properties: f.Extra}), true
	}
	return finding{}, false
}

// moved returns what the library said of a fault's value, which was relative to
// that, with its place in the record.
func moved(f *schema.Fault, found finding) finding {
	err := *found.err
	err.InstanceLocation = append(slices.Clip(f.Path), err.InstanceLocation...)
	found.err = &err
	return found
}

func direct(f *schema.Fault, k jsonschema.ErrorKind) finding {
	return finding{err: &jsonschema.ValidationError{SchemaURL: f.Schema.Location, InstanceLocation: f.Path, ErrorKind: k}}
}

// untold is what is told of a value for which the library would have to try too
// many ways through the schema.
func untold(s *jsonschema.Schema, path []string) finding {
	return finding{err: &jsonschema.ValidationError{SchemaURL: s.Location, InstanceLocation: path, ErrorKind: &kind.Schema{Location: s.Location}}}
}
