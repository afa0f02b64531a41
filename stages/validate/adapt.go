package validate

import (
	"errors"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/stages/validate/format"
)

// formats are the formats as the library takes them.
var formats = func() map[string]*jsonschema.Format {
	all := map[string]*jsonschema.Format{}
	for _, name := range format.Names() {
		is := format.Lookup(name)
		all[name] = &jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, ok := v.(string); ok && !is([]byte(s)) {
				return errFormat
			}
			return nil
		}}
	}
	return all
}()

var errFormat = errors.New("another format")

// settleFormat takes the assertion of formats out of schemas up to draft 7,
// which leave it to the implementation, unless it is asked for: later drafts made
// it an annotation. Where a metaschema of a later draft asks for the assertion,
// it stays. What is asserted is what package format knows.
func (l *loader) settleFormat(s *jsonschema.Schema) {
	switch {
	case s.Format == nil:
	case s.DraftVersion < 2019 && l.options.Format != FormatAssert:
		s.Format = nil
	default:
		s.Format = formats[s.Format.Name]
	}
}

// eachSchema calls f once for s and each schema that is reached from it. f may
// cut the way on.
func eachSchema(s *jsonschema.Schema, f func(*jsonschema.Schema)) {
	seen := map[*jsonschema.Schema]bool{}
	todo := []*jsonschema.Schema{s}
	for len(todo) > 0 {
		s := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if s == nil || seen[s] {
			continue
		}
		seen[s] = true
		todo = appendSubschemas(todo, s)
		f(s)
	}
}

// appendSubschemas appends what s applies to a value or its parts; some are nil.
func appendSubschemas(to []*jsonschema.Schema, s *jsonschema.Schema) []*jsonschema.Schema {
	to = append(to, s.Ref, s.RecursiveRef, s.Not, s.If, s.Then, s.Else, s.PropertyNames, s.UnevaluatedProperties,
		s.Contains, s.Items2020, s.UnevaluatedItems, s.ContentSchema)
	for _, list := range [][]*jsonschema.Schema{s.AllOf, s.AnyOf, s.OneOf, s.PrefixItems} {
		to = append(to, list...)
	}
	for _, m := range []map[string]*jsonschema.Schema{s.Properties, s.DependentSchemas} {
		for _, sub := range m {
			to = append(to, sub)
		}
	}
	for _, sub := range s.PatternProperties {
		to = append(to, sub)
	}
	for _, sub := range s.Dependencies {
		to = appendAny(to, sub)
	}
	if s.DynamicRef != nil {
		to = append(to, s.DynamicRef.Ref)
	}
	return appendAny(appendAny(appendAny(to, s.AdditionalProperties), s.Items), s.AdditionalItems)
}

// appendAny appends the schemas in a field that may have other things.
func appendAny(to []*jsonschema.Schema, field any) []*jsonschema.Schema {
	switch v := field.(type) {
	case *jsonschema.Schema:
		return append(to, v)
	case []*jsonschema.Schema:
		return append(to, v...)
	}
	return to
}
