package validate

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"sluice/pipeline"
)

// maxFaults bounds the places at fault that are kept while all of a record's
// failures are looked for.
const maxFaults = 1000

// every appends all that is to be told of a validation's errors: those that must
// all be mended, and of alternatives the nearest. Properties that are not allowed
// are told one by one.
func every(to []finding, err *jsonschema.ValidationError) []finding {
	switch k := err.ErrorKind.(type) {
	case *kind.Schema, *kind.Group, *kind.Reference, *kind.AllOf:
		for _, cause := range err.Causes {
			to = every(to, cause)
		}
		if len(err.Causes) > 0 {
			return to
		}
	case *kind.AdditionalProperties:
		for _, name := range k.Properties {
			one := *err
			one.ErrorKind = &kind.AdditionalProperties{Properties: []string{name}}
			to = append(to, finding{err: &one})
		}
		return to
	}
	return append(to, first(err))
}

// failureList collects the failures of one record.
type failureList struct {
	places places
	root   pipeline.Value
	head   *Failure
	seen   map[[2]string]bool // pointers and messages
	more   int
}

func newFailureList(p places, root pipeline.Value, head *Failure) *failureList {
	return &failureList{places: p, root: root, head: head, seen: map[[2]string]bool{{head.Pointer, head.Message}: true}}
}

func (l *failureList) full() bool { return 1+len(l.head.Others) >= MaxFailures }

// addAll adds findings in the order of their places. What is in the list already
// is left out.
func (l *failureList) addAll(found []finding) {
	slices.SortStableFunc(found, func(a, b finding) int { return compareErrors(a.err, b.err) })
	for _, f := range found {
		if l.full() {
			l.more++
			continue
		}
		failure := l.places.failure(l.root, f)
		key := [2]string{failure.Pointer, failure.Message}
		if !l.seen[key] {
			l.seen[key] = true
			l.head.Others = append(l.head.Others, failure)
		}
	}
}

// end returns the failures; more are not told beside those that the list knows.
func (l *failureList) end(more int) *Failure {
	l.head.More = l.more + more
	return l.head
}
