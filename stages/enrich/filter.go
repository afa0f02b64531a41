package enrich

import (
	"fmt"

	"sluice/pipeline"
	"sluice/stages/expression"
)

// filterStep lets through the records for which the condition is keep.
type filterStep struct {
	condition *expression.Program
	keep      bool
}

func (b *builder) filter(c *FilterConfig) step {
	key, source := "filter.keep", c.Keep
	switch {
	case c.Keep != "" && c.Drop != "":
		b.bad("filter", "both keep and drop are set; expected one")
		return nil
	case c.Drop != "":
		key, source = "filter.drop", c.Drop
	}
	condition, err := expression.CompileCondition(source)
	if err != nil {
		b.bad(key, "%v", err)
	}
	return &filterStep{condition: condition, keep: c.Drop == ""}
}

// apply takes a missing or null field for a condition that does not hold: keep
// takes the record out, drop leaves it in.
func (s *filterStep) apply(w *worker, r *pipeline.Record) {
	result, err := w.machine.Eval(s.condition, r)
	if err == nil && result.Kind > expression.KindBool {
		err = fmt.Errorf("found %s; expected true or false", result.Kind)
	}
	if err != nil {
		r.Reject(failure("filter", s.condition, "", err))
		return
	}
	if holds := result.Kind == expression.KindBool && result.Bool(); holds != s.keep {
		r.Filter()
	}
}

// maxShown is how much of an expression or a value a message shows.
const maxShown = 200

// failure is the dead letter of an expression that failed.
func failure(what string, p *expression.Program, pointer string, err error) *pipeline.RecordError {
	return &pipeline.RecordError{
		Code:    pipeline.CodeCompute,
		Pointer: pointer,
		Message: fmt.Sprintf("%s %.*q: %v", what, maxShown, p.Source(), err),
		Err:     err,
	}
}
