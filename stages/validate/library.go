package validate

import (
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
)

// libraryChecker checks with santhosh-tekuri/jsonschema, which works on decoded
// values. It allocates for each record.
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
	if !ok {
		return costlyNumber(root, c.takePath())
	}
	switch err := l.schema.Validate(decoded).(type) {
	case nil:
		return nil
	case *jsonschema.ValidationError:
		return l.places.failure(root, first(err))
	default:
		return &Failure{Message: shorten(err.Error(), maxPointer)}
	}
}

func costlyNumber(root pipeline.Value, path []string) *Failure {
	p := pointer(path)
	return &Failure{
		Pointer: p,
		Message: fmt.Sprintf("%s is %s; a number that a schema checks must have at most %d digits and an exponent within %d",
			shorten(p, maxPointer), quoteValue(at(root, path)), maxNumberBytes, maxExponent),
	}
}
