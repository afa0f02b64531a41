package validate

import "net/url"

// inherit gives a document that names no draft the one of the document that
// refers to it. The library would take the default.
func (l *loader) inherit(raw string, doc any) {
	obj, ok := doc.(map[string]any)
	if _, named := obj["$schema"]; !ok || named {
		return
	}
	ref, found := l.referrer(raw)
	if found && ref.dialect != "" && ref.doc != raw {
		obj["$schema"] = ref.dialect
	}
}

// dialectOf returns what a schema object names as its metaschema, otherwise what
// holds around it.
func dialectOf(obj map[string]any, base *url.URL, around string) string {
	name, ok := obj["$schema"].(string)
	if !ok {
		return around
	}
	return resolve(base, name).String()
}
