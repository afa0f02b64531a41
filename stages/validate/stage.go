package validate

import (
	"context"
	"fmt"

	"sluice/pipeline"
)

// Stage checks records. It is safe for any number of goroutines.
type Stage struct {
	maxDepth int
	checker  Checker // nil without a schema
}

var _ pipeline.Stage = (*Stage)(nil)

// New makes the stage and compiles its schema. The error is a
// *pipeline.ConfigError with a key of the stage's section.
func New(cfg Config) (*Stage, error) {
	s := &Stage{maxDepth: cfg.maxDepth()}
	if cfg.Schema == "" {
		return s, nil
	}
	checker, err := compileFile(cfg.Schema)
	if err != nil {
		return nil, &pipeline.ConfigError{Key: "schema", Message: err.Error()}
	}
	s.checker = checker
	return s, nil
}

// Process rejects the records that fail a check. It returns no error and
// changes nothing of the others, except that they have their index.
func (s *Stage) Process(_ context.Context, b *pipeline.Batch) error {
	for r := range b.Each() {
		if err := s.check(r); err != nil {
			r.Reject(err)
		}
	}
	return nil
}

func (s *Stage) check(r *pipeline.Record) *pipeline.RecordError {
	if err := r.Index(s.maxDepth); err != nil {
		return err
	}
	root := r.Root()
	if root.Kind() != pipeline.KindObject {
		return notObject(root)
	}
	if s.checker == nil {
		return nil
	}
	f := s.checker.Check(root)
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
