package validate

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"sluice/pipeline"
)

// Stage checks records. It is safe for any number of goroutines. Its window of
// keys is that of one run: make a Stage for each.
type Stage struct {
	maxDepth int
	checker  Checker // nil without a schema
	all      bool    // whether all failures of a record are told
	checks   checks
	workers  sync.Pool // of *worker
}

var _ pipeline.Stage = (*Stage)(nil)

// New makes the stage and compiles its schema and its rules. The error joins
// every mistake, each a *pipeline.ConfigError with a key of the stage's section.
func New(cfg Config) (*Stage, error) {
	s := &Stage{maxDepth: cfg.maxDepth()}
	s.workers.New = func() any { return new(worker) }
	var schemaErr, err error
	s.all = cfg.Errors == ErrorsAll
	s.checker, schemaErr = cfg.compile()
	s.checks, err = newChecks(cfg)
	if err := errors.Join(schemaErr, err); err != nil {
		return nil, err
	}
	return s, nil
}

// SlowParts returns the places in the stage's schemas that the library checks,
// each after the value that chooses its schema where there are several.
func (s *Stage) SlowParts() []string {
	switch c := s.checker.(type) {
	case *programChecker:
		return c.slowParts()
	case *bySchemas:
		return c.slowParts()
	}
	return nil
}

// Process rejects the records that fail a check, and takes out duplicates. It
// returns no error and changes nothing of the others, except that they have
// their index.
func (s *Stage) Process(_ context.Context, b *pipeline.Batch) error {
	w := s.workers.Get().(*worker)
	w.begin(&s.checks)
	for r := range b.Each() {
		if err := s.check(w, r); err != nil {
			r.Reject(err)
		}
	}
	if s.checks.dedupe != nil {
		s.checks.dedupe.Process(&w.dedupe, b)
	}
	// After a panic the worker is not used again.
	w.end()
	s.workers.Put(w)
	return nil
}

// check is the order of the checks; the first that fails decides the code.
func (s *Stage) check(w *worker, r *pipeline.Record) *pipeline.RecordError {
	if err := r.Index(s.maxDepth); err != nil {
		return err
	}
	root := r.Root()
	if root.Kind() != pipeline.KindObject {
		return notObject(root)
	}
	if err := s.checks.beforeSchema(w, root); err != nil {
		return err
	}
	if err := s.fits(root); err != nil {
		return err
	}
	return s.checks.afterSchema(w, r)
}

// fits checks the record against the schema.
func (s *Stage) fits(root pipeline.Value) *pipeline.RecordError {
	if s.checker == nil {
		return nil
	}
	check := s.checker.Check
	if s.all {
		check = s.checker.CheckAll
	}
	f := check(root)
	if f == nil {
		return nil
	}
	return &pipeline.RecordError{Code: pipeline.CodeSchema, Pointer: f.Pointer, Message: f.Message, Err: f}
}

func notObject(root pipeline.Value) *pipeline.RecordError {
	found := withArticle(root.Kind().String())
	switch root.Kind() {
	case pipeline.KindArray:
	case pipeline.KindNull:
		found = "null"
	default:
		found += ", " + quoteValue(root)
	}
	return &pipeline.RecordError{
		Code:    pipeline.CodeNotObject,
		Message: fmt.Sprintf(`the record is %s; must be an object such as {"key": "value"}`, found),
	}
}
