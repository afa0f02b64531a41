package validate

import (
	"regexp"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/stages/validate/format"
)

// ecmaRegexp is a pattern with the spelling that the schema has.
type ecmaRegexp struct {
	*regexp.Regexp
	spelling string
}

// String implements fmt.Stringer for messages.
func (r *ecmaRegexp) String() string { return r.spelling }

// compileRegexp is a jsonschema.RegexpEngine.
func compileRegexp(spelling string) (jsonschema.Regexp, error) {
	re, err := format.Pattern(spelling)
	if err != nil {
		return nil, err
	}
	return &ecmaRegexp{re, spelling}, nil
}

// RE2 returns what the pattern was translated to.
func (r *ecmaRegexp) RE2() string { return r.Regexp.String() }
