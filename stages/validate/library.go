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
	schema *jsonschema.Schema
	places places
}

var _ Checker = (*libraryChecker)(nil)

// Check implements Checker.
func (l *libraryChecker) Check(root pipeline.Value) *Failure {
	c := converters.Get().(*converter)
	f := l.check(c, root)
	// After a panic the converter is not used again.
	c.reset()
	converters.Put(c)
	return f
}

func (l *libraryChecker) check(c *converter, root pipeline.Value) *Failure {
	decoded, ok := c.convert(root)
	path := c.takePath()
	if !ok {
		c.clamp = true
		decoded, _ = c.convert(root)
	}
	switch err := l.schema.Validate(decoded).(type) {
	case nil:
		if !ok {
			return costlyNumber(root, path)
		}
		return nil
	case *jsonschema.ValidationError:
		return l.places.failure(root, first(err))
	default:
		return &Failure{Message: shorten(err.Error(), maxPointer)}
	}
}

// library is the reference for the parts of a schema that a program leaves to
// it.
type library struct{}

var _ schema.Reference = library{}

// Fits implements schema.Reference.
func (library) Fits(s *jsonschema.Schema, v pipeline.Value) bool {
	c := converters.Get().(*converter)
	decoded, ok := c.convert(v)
	ok = ok && s.Validate(decoded) == nil
	c.reset()
	converters.Put(c)
	return ok
}

func costlyNumber(root pipeline.Value, path []string) *Failure {
	p := pointer(path)
	return &Failure{
		Pointer: p,
		Message: fmt.Sprintf("%s is %s; a number in a part of the record that takes the slow way must have at most %d digits and an exponent within %d",
			shorten(p, maxPointer), quoteValue(at(root, path)), maxNumberBytes, maxExponent),
	}
}
