package validate

import (
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"sluice/stages/validate/schema"
)

// explain turns an error of the library's compiler into a sentence that says in
// which file, where in it, what is wrong and what to do.
func (l *loader) explain(err error) string {
	switch e := err.(type) {
	case *jsonschema.LoadURLError:
		return l.unloaded(e)
	case *jsonschema.SchemaValidationError:
		if v, ok := e.Err.(*jsonschema.ValidationError); ok {
			return l.invalid(e.URL, v)
		}
	case *jsonschema.InvalidRegexError:
		doc, fragment := splitURL(e.URL)
		return fmt.Sprintf("%s: the pattern %s at #%s cannot be used: %v",
			l.file(doc), quoteName(e.Regex), fragment, e.Err)
	case *jsonschema.JSONPointerNotFoundError:
		return l.unresolved(e.URL)
	case *jsonschema.InvalidJsonPointerError:
		return l.unresolved(e.URL)
	case *jsonschema.AnchorNotFoundError:
		return l.unresolved(e.Reference)
	case *schema.CycleError:
		doc, fragment := splitURL(e.Location)
		return fmt.Sprintf("%s: the schema at #%s refers to itself without a step into a property or an item, so that no check would end; take the reference out or put it below one",
			l.file(doc), fragment)
	}
	return fmt.Sprintf("%s: %s", l.given, strings.ReplaceAll(err.Error(), l.main, l.given))
}

func (l *loader) unloaded(e *jsonschema.LoadURLError) string {
	ref, ok := l.referrer(e.URL)
	if !ok {
		return e.Err.Error()
	}
	if ref.keyword == "$schema" {
		return fmt.Sprintf("%s: $schema at #%s is %s; must name a draft that is known: %s, %s, or drafts 2019-09, 6 and 4 by theirs",
			l.file(ref.doc), pointer(ref.path), quoteName(ref.value), jsonschema.Draft2020, jsonschema.Draft7)
	}
	return fmt.Sprintf("%s: %s %s at #%s: %v", l.file(ref.doc), ref.keyword, quoteName(ref.value), pointer(ref.path), e.Err)
}

func (l *loader) unresolved(target string) string {
	doc, fragment := splitURL(target)
	what := fmt.Sprintf("there is no schema at #%s in %s", fragment, l.file(doc))
	ref, ok := l.referrer(target)
	if !ok {
		return fmt.Sprintf("%s: %s", l.given, what)
	}
	return fmt.Sprintf("%s: %s %s at #%s cannot be resolved: %s",
		l.file(ref.doc), ref.keyword, quoteName(ref.value), pointer(ref.path), what)
}

// invalid tells the first thing that makes a document no valid schema.
func (l *loader) invalid(raw string, err *jsonschema.ValidationError) string {
	doc, fragment := splitURL(raw)
	f := first(err)
	path := append(splitPointer(fragment), f.err.InstanceLocation...)
	if regex, path := badRegex(f.err, path); regex != nil {
		return fmt.Sprintf("%s: the pattern %s at #%s cannot be used: %v",
			l.file(doc), quoteAny(regex.Got), pointer(path), regex.Err)
	}
	s := sentence{
		root:    "the schema",
		where:   "#" + pointer(path),
		value:   func() string { return quoteAny(atAny(l.docs[doc], path)) },
		keyword: l.keyword(f.err),
	}
	return fmt.Sprintf("%s: not a valid schema: %s", l.file(doc), s.of(f.err))
}

// badRegex returns what is wrong with a pattern and where, nil when the error is
// about something else. A pattern is a value or the name of a property.
func badRegex(err *jsonschema.ValidationError, path []string) (*kind.Format, []string) {
	switch k := err.ErrorKind.(type) {
	case *kind.Format:
		if k.Want == "regex" {
			return k, path
		}
	case *kind.PropertyNames:
		if len(err.Causes) > 0 {
			return badRegex(first(err.Causes[0]).err, append(path, k.Property))
		}
	}
	return nil, nil
}

func splitPointer(p string) []string {
	if p == "" {
		return nil
	}
	tokens := strings.Split(p[1:], "/")
	for i, t := range tokens {
		tokens[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(t)
	}
	return tokens
}
