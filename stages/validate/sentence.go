package validate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"sluice/pipeline"
	"sluice/stages/validate/format"
)

// failure makes the sentence for what is told of root.
func (p places) failure(root pipeline.Value, f finding) *Failure {
	path := f.err.InstanceLocation
	if k, ok := f.err.ErrorKind.(*kind.PropertyNames); ok {
		path = append(slices.Clone(path), k.Property)
	}
	if k, ok := f.err.ErrorKind.(*kind.AdditionalProperties); ok {
		path = append(slices.Clone(path), slices.Min(k.Properties))
	}
	ptr := pointer(path)
	s := sentence{
		root:    "the record",
		where:   shorten(ptr, maxPointer),
		value:   func() string { return quoteValue(at(root, path)) },
		keyword: p.keyword(f.err),
	}
	message := s.of(f.err)
	if f.of != nil {
		message += fmt.Sprintf(" (the nearest of %s at %s)",
			plural(len(f.of.Causes), "alternative", "alternatives"), p.keyword(f.of))
	}
	return &Failure{Pointer: ptr, Keyword: s.keyword, Message: message}
}

// sentence is what the sentence about one error is made of.
type sentence struct {
	root    string        // what a place without a pointer is called
	where   string        // the place, bounded; "" for the root
	value   func() string // the value there, quoted
	keyword string
}

// of returns the sentence: what was found, where, and what was expected.
func (s sentence) of(err *jsonschema.ValidationError) string {
	switch k := err.ErrorKind.(type) {
	case *kind.Required:
		return s.in() + missing("required ", k.Missing)
	case *kind.Dependency:
		return s.in() + missing("", k.Missing) + "; must be there because " + quoteName(k.Prop) + " is"
	case *kind.DependentRequired:
		return s.in() + missing("", k.Missing) + "; must be there because " + quoteName(k.Prop) + " is"
	case *kind.AdditionalProperties:
		return s.where + " is not allowed; the schema allows no additional properties"
	case *kind.AdditionalItems:
		return fmt.Sprintf("%s has %s more than the schema allows", s.subject(), plural(k.Count, "item", "items"))
	case *kind.FalseSchema:
		return fmt.Sprintf("%s is not allowed by the schema at %s", s.subject(), s.keyword)
	case *kind.Not:
		return fmt.Sprintf("%s is %s; must not fit the schema at %s", s.subject(), s.value(), s.keyword)
	case *kind.OneOf:
		if len(k.Subschemas) > 1 {
			return fmt.Sprintf("%s is %s; must fit one alternative only, but fits %d and %d at %s",
				s.subject(), s.value(), k.Subschemas[0], k.Subschemas[1], s.keyword)
		}
	case *kind.UniqueItems:
		return fmt.Sprintf("%s has equal items at %d and %d; must have no two equal items",
			s.subject(), k.Duplicates[0], k.Duplicates[1])
	case *kind.PropertyNames:
		return s.propertyName(err)
	case *kind.Schema:
		return fmt.Sprintf("%s is %s; must fit the schema at %s, which leads back to itself in too many ways to try them all",
			s.subject(), s.value(), s.keyword)
	case *kind.RefCycle:
		return fmt.Sprintf("%s cannot be checked; the schema refers to itself without end at %s", s.subject(), s.keyword)
	case *kind.Type:
		if k.Got == "number" && slices.Contains(k.Want, "integer") {
			return fmt.Sprintf("%s is %s; must be %s", s.subject(), s.value(), typeList(k.Want))
		}
		return fmt.Sprintf("%s is %s; must be %s", s.subject(), withArticle(k.Got), typeList(k.Want))
	}
	if count := counted(err.ErrorKind); count != "" {
		return s.subject() + " has " + count
	}
	if must := demanded(err.ErrorKind); must != "" {
		return fmt.Sprintf("%s is %s; must %s", s.subject(), s.value(), must)
	}
	return fmt.Sprintf("%s is %s; must fit the schema at %s", s.subject(), s.value(), s.keyword)
}

func (s sentence) subject() string {
	if s.where == "" {
		return s.root
	}
	return s.where
}

func (s sentence) in() string {
	if s.where == "" {
		return ""
	}
	return s.where + ": "
}

func (s sentence) propertyName(err *jsonschema.ValidationError) string {
	name := err.ErrorKind.(*kind.PropertyNames).Property
	inner := sentence{
		where:   "property name",
		value:   func() string { return quoteName(name) },
		keyword: s.keyword,
	}
	if len(err.Causes) == 0 {
		return inner.of(&jsonschema.ValidationError{ErrorKind: &kind.FalseSchema{}})
	}
	return s.where + ": " + inner.of(first(err.Causes[0]).err)
}

// demanded returns what a value must be, "" for kinds that are told otherwise.
func demanded(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Enum:
		if len(k.Want) == 1 {
			return "be " + quoteAny(k.Want[0])
		}
		return "be one of " + quoteList(k.Want)
	case *kind.Const:
		return "be " + quoteAny(k.Want)
	case *kind.Format:
		if example := format.Example(k.Want); example != "" {
			return fmt.Sprintf("have the format %s, such as %s", k.Want, example)
		}
		return "have the format " + shorten(k.Want, maxQuoted)
	case *kind.Pattern:
		return "match the pattern " + shorten(k.Want, maxQuoted)
	case *kind.Minimum:
		return "be at least " + quoteRat(k.Want)
	case *kind.Maximum:
		return "be at most " + quoteRat(k.Want)
	case *kind.ExclusiveMinimum:
		return "be more than " + quoteRat(k.Want)
	case *kind.ExclusiveMaximum:
		return "be less than " + quoteRat(k.Want)
	case *kind.MultipleOf:
		return "be a multiple of " + quoteRat(k.Want)
	}
	return ""
}

// counted returns how many of what a value has and must have, "" for kinds that
// count nothing.
func counted(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.MinProperties:
		return plural(k.Got, "property", "properties") + atLeast(k.Want)
	case *kind.MaxProperties:
		return plural(k.Got, "property", "properties") + atMost(k.Want)
	case *kind.MinItems:
		return plural(k.Got, "item", "items") + atLeast(k.Want)
	case *kind.MaxItems:
		return plural(k.Got, "item", "items") + atMost(k.Want)
	case *kind.MinLength:
		return plural(k.Got, "character", "characters") + atLeast(k.Want)
	case *kind.MaxLength:
		return plural(k.Got, "character", "characters") + atMost(k.Want)
	case *kind.Contains:
		return plural(0, "item", "items") + " of the kind that contains asks for" + atLeast(1)
	case *kind.MinContains:
		return plural(len(k.Got), "item", "items") + " of the kind that contains asks for" + atLeast(k.Want)
	case *kind.MaxContains:
		return plural(len(k.Got), "item", "items") + " of the kind that contains asks for" + atMost(k.Want)
	}
	return ""
}

func atLeast(n int) string { return fmt.Sprintf("; must have at least %d", n) }
func atMost(n int) string  { return fmt.Sprintf("; must have at most %d", n) }

func missing(kind string, names []string) string {
	if len(names) == 1 {
		return kind + "property " + quoteName(names[0]) + " is missing"
	}
	return kind + "properties " + quoteList(names) + " are missing"
}

func typeList(types []string) string {
	parts := make([]string, len(types))
	for i, t := range types {
		parts[i] = withArticle(t)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " or " + parts[last]
}
