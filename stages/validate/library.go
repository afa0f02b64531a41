package validate

import (
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
	"sluice/stages/validate/schema"
)

// libraryChecker checks with santhosh-tekuri/jsonschema, which works on decoded
// values. It allocates for each record. A record with a number that is too
// costly for it fails.
type libraryChecker struct {
	library *library
	schema  *jsonschema.Schema
	places  places
}

var _ Checker = (*libraryChecker)(nil)

// Check implements Checker.
func (l *libraryChecker) Check(root pipeline.Value) *Failure {
	if l.library.tooMany(l.schema, root, maxTelling) {
		return l.places.failure(root, untold(l.schema, nil))
	}
	if err := validateWith(l.schema, root); err != nil {
		return l.places.failure(root, first(err))
	}
	if path, found := costlyPath(root); found {
		return costlyNumber(root, path)
	}
	return nil
}

// CheckAll implements Checker.
func (l *libraryChecker) CheckAll(root pipeline.Value) *Failure {
	f := l.Check(root)
	if f == nil {
		return nil
	}
	list := newFailureList(l.places, root, f)
	if l.library.tooMany(l.schema, root, maxTelling) {
		return f
	}
	if err := validateWith(l.schema, root); err != nil {
		list.addAll(every(nil, err))
	}
	return list.end(0)
}

// validateWith returns what the library says about a value, nil where it fits. A
// number that is too costly is replaced by one that mostly is as wrong.
func validateWith(s *jsonschema.Schema, v pipeline.Value) *jsonschema.ValidationError {
	c := converters.Get().(*converter)
	c.clamp = true
	decoded, _ := c.convert(v)
	// The library returns no other error for decoded JSON.
	err, _ := s.Validate(decoded).(*jsonschema.ValidationError)
	// After a panic the converter is not used again.
	c.reset()
	converters.Put(c)
	return err
}

// costlyPath returns the path of the first number that is too costly.
func costlyPath(root pipeline.Value) (path []string, found bool) {
	c := new(converter)
	_, ok := c.convert(root)
	return c.takePath(), !ok
}

// library is the reference for the parts of a schema that a program leaves to
// it. It does not judge a value with a number that is too costly, nor one that
// it would visit too often.
type library struct {
	comesBack bool // whether a schema leads back to itself
}

var _ schema.Reference = (*library)(nil)

// Fits implements schema.Reference.
func (l *library) Fits(s *jsonschema.Schema, v pipeline.Value) (fits, known bool) {
	if l.tooMany(s, v, maxJudging) {
		return false, false
	}
	c := converters.Get().(*converter)
	decoded, known := c.convert(v)
	fits = known && s.Validate(decoded) == nil
	c.reset()
	converters.Put(c)
	return fits, known
}

// tooMany says whether a check by the library takes too many visits.
func (l *library) tooMany(s *jsonschema.Schema, v pipeline.Value, most int) bool {
	return l.comesBack && new(visits).count(s, v) > visitLimit(most, v)
}

func costlyNumber(root pipeline.Value, path []string) *Failure {
	p := pointer(path)
	return &Failure{
		Pointer: p,
		Message: fmt.Sprintf("%s is %s; a number in a part of the record that takes the slow way must have at most %d digits and an exponent within %d",
			shorten(p, maxPointer), quoteValue(at(root, path)), maxNumberBytes, maxExponent),
	}
}
