package validate

import (
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// finding is the one thing to tell of a validation's errors.
type finding struct {
	err *jsonschema.ValidationError
	of  *jsonschema.ValidationError // the outermost anyOf or oneOf whose nearest alternative err is from, or nil
}

// first chooses what to tell: the outermost place, of those the first by name
// or index, of the same place the first by keyword. The library's own order
// follows Go's maps. Time linear in the number of errors.
func first(err *jsonschema.ValidationError) finding {
	switch k := err.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		if len(err.Causes) == 0 {
			return finding{err: err}
		}
		best := first(err.Causes[0])
		for _, cause := range err.Causes[1:] {
			if f := first(cause); compareErrors(f.err, best.err) < 0 {
				best = f
			}
		}
		return best
	case *kind.AnyOf:
		return nearest(err)
	case *kind.OneOf:
		if k.Subschemas == nil {
			return nearest(err)
		}
	}
	return finding{err: err}
}

func compareErrors(a, b *jsonschema.ValidationError) int {
	if c := compareTokens(a.InstanceLocation, b.InstanceLocation); c != 0 {
		return c
	}
	if c := strings.Compare(a.SchemaURL, b.SchemaURL); c != 0 {
		return c
	}
	if c := slices.Compare(a.ErrorKind.KeywordPath(), b.ErrorKind.KeywordPath()); c != 0 {
		return c
	}
	// These errors are at the object, one for each name.
	x, ok := a.ErrorKind.(*kind.PropertyNames)
	y, both := b.ErrorKind.(*kind.PropertyNames)
	if ok && both {
		return strings.Compare(x.Property, y.Property)
	}
	return 0
}

// nearest chooses the alternative that the value fits best: the one whose first
// failure is the deepest, and of those one that has the value's type. Where all
// fail by the value's type alone, their types become one list.
func nearest(err *jsonschema.ValidationError) finding {
	if len(err.Causes) == 0 {
		return finding{err: err}
	}
	best := first(err.Causes[0])
	types := &kind.Type{}
	onlyTypes := true
	for i, cause := range err.Causes {
		f := first(cause)
		if i > 0 && nearness(f.err) > nearness(best.err) {
			best = f
		}
		k, ok := f.err.ErrorKind.(*kind.Type)
		if !ok || len(f.err.InstanceLocation) != len(err.InstanceLocation) {
			onlyTypes = false
			continue
		}
		types.Got = k.Got
		types.Want = append(types.Want, k.Want...)
	}
	if onlyTypes {
		slices.Sort(types.Want)
		types.Want = slices.Compact(types.Want)
		merged := *err
		merged.ErrorKind = types
		return finding{err: &merged}
	}
	best.of = err
	return best
}

func nearness(err *jsonschema.ValidationError) int {
	n := 2 * len(err.InstanceLocation)
	if _, ok := err.ErrorKind.(*kind.Type); !ok {
		n++
	}
	return n
}
