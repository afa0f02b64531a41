package validate

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// places turns the URLs that the library works with into paths as the user
// gave them.
type places struct {
	given string // path of the schema file as it was given
	main  string // its URL
	dir   string // its folder, absolute
}

func newPlaces(path string) (places, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return places{}, err
	}
	return places{given: path, main: fileURL(abs), dir: filepath.Dir(abs)}, nil
}

func fileURL(abs string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(abs)}
	return u.String()
}

// file returns the path of a file URL as the user would write it; another URL
// as it is.
func (p places) file(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "file" {
		return raw
	}
	path := filepath.FromSlash(u.Path)
	rel, err := filepath.Rel(p.dir, path)
	if err != nil {
		return path
	}
	return filepath.Join(filepath.Dir(p.given), rel)
}

// location returns a URL with a JSON Pointer as its fragment, for a person: the
// schema's own places as "#/...", those of other files after the file.
func (p places) location(raw string) string {
	doc, fragment := splitURL(raw)
	if doc == p.main {
		return shorten("#"+fragment, maxKeyword)
	}
	return shorten(p.file(doc)+"#"+fragment, maxKeyword)
}

// keyword returns the place of the keyword that an error is about.
func (p places) keyword(err *jsonschema.ValidationError) string {
	tokens := err.ErrorKind.KeywordPath()
	switch err.ErrorKind.(type) {
	case *kind.Not:
		tokens = []string{"not"}
	case *kind.PropertyNames:
		tokens = nil // the library gives the place of the keyword's own schema
	}
	return p.location(err.SchemaURL + pointer(tokens))
}

// splitURL cuts off the fragment and decodes it.
func splitURL(raw string) (doc, fragment string) {
	doc, fragment, _ = strings.Cut(raw, "#")
	if decoded, err := url.PathUnescape(fragment); err == nil {
		fragment = decoded
	}
	return doc, fragment
}
