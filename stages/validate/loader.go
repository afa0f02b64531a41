package validate

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/stages/validate/format"
	"sluice/stages/validate/schema"
)

// loader reads schema documents from files, and only from files. A web address is
// looked up in the folder that the options give for it, and otherwise, where it
// stands below the schema's own $id, at the same place relative to the schema's
// file.
type loader struct {
	places
	options Options
	id      *url.URL       // the schema's $id where that is a web address, or nil
	docs    map[string]any // what was loaded, by URL
	web     map[string]any // documents that stand for web addresses; tests fill it
	library *library
	fast    *schema.Compiler
}

var _ jsonschema.URLLoader = (*loader)(nil)

func newLoader(path string) (*loader, error) {
	p, err := newPlaces(path)
	if err != nil {
		return nil, err
	}
	l := &loader{places: p, docs: map[string]any{}, library: new(library)}
	l.fast = &schema.Compiler{Reference: l.library, Format: format.Lookup, Document: func(url string) any { return l.docs[url] }}
	return l, nil
}

// compileFile compiles the schema in a file. The error is for a person.
func compileFile(path string, options Options) (*programChecker, error) {
	l, err := newLoader(path)
	if err != nil {
		return nil, err
	}
	l.options = options
	return l.compile(l.compiler(), l.main)
}

// compile compiles the schema at a URL, which may have a fragment. A compiler
// may be used for several schemas.
func (l *loader) compile(c *jsonschema.Compiler, raw string) (*programChecker, error) {
	s, err := c.Compile(raw)
	if err != nil {
		return nil, errors.New(l.explain(err))
	}
	eachSchema(s, l.settleFormat)
	program, err := l.fast.Compile(s)
	if err != nil {
		return nil, errors.New(l.explain(err))
	}
	l.library.comesBack = l.library.comesBack || comesBack(s)
	// The program has its own checks of arrays, made of what this takes away.
	eachSchema(s, takeArrays)
	return &programChecker{program: program, library: libraryChecker{library: l.library, schema: s, places: l.places}}, nil
}

func (l *loader) compiler() *jsonschema.Compiler {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(l.options.draft())
	c.UseLoader(l)
	c.UseRegexpEngine(compileRegexp)
	for _, f := range formats {
		c.RegisterFormat(f)
	}
	if l.options.Format == FormatAssert {
		c.AssertFormat()
	}
	return c
}

// Load implements jsonschema.URLLoader. The library asks once for each document
// and never for a metaschema that it knows.
func (l *loader) Load(raw string) (any, error) {
	doc, err := l.read(raw)
	if err != nil {
		return nil, err
	}
	l.inherit(raw, doc)
	l.docs[raw] = doc
	if raw == l.main {
		l.id = webID(doc)
	}
	return doc, nil
}

func (l *loader) read(raw string) (any, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	switch u.Scheme {
	case "file":
		return l.readFile(filepath.FromSlash(u.Path), l.file(raw))
	case "http", "https":
		if doc, ok := l.web[raw]; ok {
			return doc, nil
		}
		if path, ok := l.remote(u); ok {
			return l.readRemote(u, path)
		}
		return l.readWeb(u)
	}
	return nil, fmt.Errorf("cannot load %s: expected the path of a file, relative to the schema", raw)
}

func (l *loader) readFile(path, shown string) (any, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: there is no such file", shown)
	}
	if err != nil {
		// The path in the error is not the one that the user gave.
		if pe, ok := errors.AsType[*fs.PathError](err); ok {
			err = pe.Err
		}
		return nil, fmt.Errorf("%s: cannot be read: %w", shown, err)
	}
	return decodeSchema(data, shown)
}

// readWeb finds the file that stands for a web address.
func (l *loader) readWeb(u *url.URL) (any, error) {
	const rule = "nothing is fetched from a network"
	if l.id == nil || l.id.Scheme != u.Scheme || l.id.Host != u.Host {
		return nil, fmt.Errorf("%s is a web address, and %s: save that schema as a file beside %s and refer to it by its file name",
			u, rule, l.given)
	}
	rel, err := filepath.Rel(filepath.Dir(filepath.FromSlash(l.id.Path)), filepath.FromSlash(u.Path))
	if err != nil {
		return nil, err
	}
	shown := filepath.Join(filepath.Dir(l.given), rel)
	doc, err := l.readFile(filepath.Join(l.dir, rel), shown)
	if err != nil {
		return nil, fmt.Errorf("%s is a web address through the schema's $id, and %s; the file that stands for it cannot be used: %w",
			u, rule, err)
	}
	return doc, nil
}

func webID(doc any) *url.URL {
	obj, _ := doc.(map[string]any)
	id, _ := obj["$id"].(string)
	u, err := url.Parse(id)
	if err != nil || !strings.HasPrefix(u.Scheme, "http") {
		return nil
	}
	return u
}
