package validate

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
)

// Options are how schemas are read, whatever they check.
type Options struct {
	// Draft is that of a schema without $schema that no other one refers to:
	// one of Drafts, DefaultDraft for "".
	Draft string
	// Format is FormatAnnotate or FormatAssert, the former for "".
	Format string
	// Remotes maps the beginnings of web addresses to the folders that hold
	// what is there. Nothing is ever fetched.
	Remotes map[string]string
}

// What the keyword format does.
const (
	FormatAnnotate = "annotate" // nothing, unless the metaschema asks for it
	FormatAssert   = "assert"   // a string that has not the format fails
)

// Which failures of a record are told.
const (
	ErrorsFirst = "first" // the outermost, of those the first
	ErrorsAll   = "all"   // up to MaxFailures, and the number of the rest
)

// DefaultDraft is the draft of a schema that does not say it.
const DefaultDraft = "2020-12"

var drafts = map[string]*jsonschema.Draft{
	"2020-12": jsonschema.Draft2020,
	"2019-09": jsonschema.Draft2019,
	"7":       jsonschema.Draft7,
	"6":       jsonschema.Draft6,
	"4":       jsonschema.Draft4,
}

// Drafts are the names of the drafts, the latest first.
var Drafts = []string{"2020-12", "2019-09", "7", "6", "4"}

// Validate reports what is wrong, as joined *pipeline.ConfigError values.
func (o Options) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &pipeline.ConfigError{Key: key, Message: fmt.Sprintf(format, args...)})
	}
	if o.Draft != "" && drafts[o.Draft] == nil {
		bad("draft", "%q; expected one of %s", o.Draft, strings.Join(Drafts, ", "))
	}
	if o.Format != "" && o.Format != FormatAnnotate && o.Format != FormatAssert {
		bad("format", "%q; expected %s or %s", o.Format, FormatAnnotate, FormatAssert)
	}
	for _, prefix := range slices.Sorted(maps.Keys(o.Remotes)) {
		if u, err := url.Parse(prefix); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			bad("remotes", "%q; expected the beginning of web addresses, such as https://example.com/schemas/", prefix)
		} else if o.Remotes[prefix] == "" {
			bad("remotes", "%s has no folder; expected one, such as ./schemas", prefix)
		}
	}
	return errors.Join(errs...)
}

func (o Options) draft() *jsonschema.Draft {
	if d := drafts[o.Draft]; d != nil {
		return d
	}
	return drafts[DefaultDraft]
}
