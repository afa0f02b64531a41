package validate

import (
	"net/url"
	"slices"
	"strconv"
)

// reference is a keyword of a schema document that refers to a schema.
type reference struct {
	doc     string // URL of the document
	path    []string
	keyword string // $ref, $dynamicRef, $recursiveRef or $schema
	value   string
	target  string // value resolved against the base URL there, fragment decoded
	dialect string // the metaschema that is named around it, "" for none
}

var referring = []string{"$dynamicRef", "$recursiveRef", "$ref", "$schema"}

// collectReferences appends the references in v, in the order of their paths.
// The library does not say who refers to what it cannot resolve.
func collectReferences(refs []reference, v any, doc string, base *url.URL, dialect string, path []string) []reference {
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			refs = collectReferences(refs, item, doc, base, dialect, append(path, strconv.Itoa(i)))
		}
	case map[string]any:
		if id, ok := v["$id"].(string); ok {
			base = resolve(base, id)
		}
		dialect = dialectOf(v, base, dialect)
		for _, key := range sortedKeys(v) {
			value, ok := v[key].(string)
			if !ok || !slices.Contains(referring, key) {
				refs = collectReferences(refs, v[key], doc, base, dialect, append(path, key))
				continue
			}
			target, fragment := splitURL(resolve(base, value).String())
			refs = append(refs, reference{
				doc: doc, path: append(slices.Clone(path), key), keyword: key, value: value,
				target: target + "#" + fragment, dialect: dialect,
			})
		}
	}
	return refs
}

func resolve(base *url.URL, ref string) *url.URL {
	u, err := url.Parse(ref)
	if err != nil {
		return base
	}
	return base.ResolveReference(u)
}

// referrer finds what refers to a URL, with its fragment or without.
func (l *loader) referrer(raw string) (reference, bool) {
	var refs []reference
	for _, doc := range sortedKeys(l.docs) {
		if base, err := url.Parse(doc); err == nil {
			refs = collectReferences(refs, l.docs[doc], doc, base, "", nil)
		}
	}
	doc, fragment := splitURL(raw)
	whole := doc + "#" + fragment
	matches := []func(reference) bool{
		func(r reference) bool { return r.target == whole },
		func(r reference) bool { d, _ := splitURL(r.target); return fragment == "" && d == doc },
		// A document with an $id is known to the library by its own URL.
		func(r reference) bool { _, f := splitURL(r.target); return fragment != "" && f == fragment },
	}
	for _, match := range matches {
		if i := slices.IndexFunc(refs, match); i >= 0 {
			return refs[i], true
		}
	}
	return reference{}, false
}
