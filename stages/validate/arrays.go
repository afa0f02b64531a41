package validate

import (
	"strconv"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// arrays takes over what the library's own checks of arrays cost too much for:
// of items that fail it keeps an error each (a line of 1 MiB came to 600 MB),
// and uniqueItems is quadratic for items made to have one hash.
type arrays struct {
	items    *jsonschema.Schema // what the items from the index from on must fit, or nil
	from     int
	unique   bool
	contains *jsonschema.Schema // what some items must fit, or nil
	min, max *int               // how many; nil for 1 and for any number
	marks    bool               // whether items that contains takes count as evaluated
}

var _ jsonschema.SchemaExt = (*arrays)(nil)

// takeArrays moves those checks of s into an extension.
func takeArrays(s *jsonschema.Schema) {
	a := &arrays{unique: s.UniqueItems}
	s.UniqueItems = false
	switch items := s.Items.(type) {
	case *jsonschema.Schema:
		a.items, s.Items = items, nil
	case []*jsonschema.Schema:
		if additional, ok := s.AdditionalItems.(*jsonschema.Schema); ok {
			a.items, a.from, s.AdditionalItems = additional, len(items), nil
		}
	}
	if s.Items2020 != nil {
		a.items, a.from, s.Items2020 = s.Items2020, len(s.PrefixItems), nil
	}
	a.contains, s.Contains = s.Contains, nil
	a.min, a.max, a.marks = s.MinContains, s.MaxContains, s.DraftVersion >= 2020
	if a.items != nil || a.unique || a.contains != nil {
		s.Extensions = append(s.Extensions, a)
	}
}

// Validate implements jsonschema.SchemaExt.
func (a *arrays) Validate(ctx *jsonschema.ValidatorContext, v any) {
	array, ok := v.([]any)
	if !ok {
		return
	}
	if a.unique {
		if i, j, equal := firstEqual(array); equal {
			ctx.AddError(&kind.UniqueItems{Duplicates: [2]int{i, j}})
		}
	}
	if a.contains != nil {
		a.count(ctx, array)
	}
	if a.items != nil {
		a.each(ctx, array)
	}
}

// each reports the first item that does not fit.
func (a *arrays) each(ctx *jsonschema.ValidatorContext, array []any) {
	for i := a.from; i < len(array); i++ {
		if err := ctx.Validate(a.items, array[i], []string{strconv.Itoa(i)}); err != nil {
			ctx.AddErr(err)
			return
		}
	}
}

// count reports too few or too many items of the kind that contains asks for.
func (a *arrays) count(ctx *jsonschema.ValidatorContext, array []any) {
	var fit []int
	for i, item := range array {
		if ctx.Validate(a.contains, item, []string{strconv.Itoa(i)}) != nil {
			continue
		}
		fit = append(fit, i)
		if a.marks {
			ctx.EvaluatedItem(i)
		}
	}
	switch {
	case a.min == nil && len(fit) == 0:
		ctx.AddError(&kind.Contains{})
	case a.min != nil && len(fit) < *a.min:
		ctx.AddError(&kind.MinContains{Got: fit, Want: *a.min})
	}
	if a.max != nil && len(fit) > *a.max {
		ctx.AddError(&kind.MaxContains{Got: fit, Want: *a.max})
	}
}

// firstEqual returns the first item that equals an earlier one, and that.
func firstEqual(array []any) (i, j int, equal bool) {
	if len(array) < 2 {
		return 0, 0, false
	}
	seen := make(map[string]int, len(array))
	var text []byte
	for j, item := range array {
		text = appendCanonical(text[:0], item)
		if i, equal := seen[string(text)]; equal {
			return i, j, true
		}
		seen[string(text)] = j
	}
	return 0, 0, false
}
