package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// params reads the query of a request. The first thing wrong stays in bad, so
// that a handler asks once, at the end.
type params struct {
	query url.Values
	known []string
	bad   *Problem
}

// parameters refuses names that the endpoint does not know, and names given
// twice: a misspelt one must not pass for its default.
func parameters(r *http.Request, known ...string) *params { return parametersOf(r, nil, known...) }

// parametersOf is parameters where some may be given several times.
func parametersOf(r *http.Request, several []string, known ...string) *params {
	query, err := url.ParseQuery(r.URL.RawQuery)
	p := &params{query: query, known: known}
	if err != nil {
		p.bad = badParameter("", fmt.Sprintf("the query is not well formed: %v", err))
		return p
	}
	for name, values := range query {
		switch {
		case !slices.Contains(known, name):
			p.refuse(name, "there is no parameter %q here; %s", name, p.expected())
		case len(values) > 1 && !slices.Contains(several, name):
			p.refuse(name, "%s is given %d times; expected once", name, len(values))
		}
	}
	return p
}

func (p *params) expected() string {
	if len(p.known) == 0 {
		return "this endpoint takes none"
	}
	return "expected " + strings.Join(p.known, ", ")
}

func (p *params) refuse(name, format string, args ...any) {
	if p.bad == nil {
		p.bad = badParameter(name, fmt.Sprintf(format, args...))
	}
}

// boolean reads true or false.
func (p *params) boolean(name string, byDefault bool) bool {
	text := p.query.Get(name)
	if text == "" {
		return byDefault
	}
	v, err := strconv.ParseBool(text)
	if err != nil {
		p.refuse(name, "%s is %q; expected true or false", name, text)
	}
	return v
}

// duration reads a duration with its unit; 0 needs none.
func (p *params) duration(name string, byDefault time.Duration) time.Duration {
	text := p.query.Get(name)
	if text == "" {
		return byDefault
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		p.refuse(name, "%s is %q; expected a duration with its unit, such as 30s or 1m30s, or 0", name, text)
	}
	return d
}
