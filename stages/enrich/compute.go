package enrich

import (
	"fmt"
	"math"

	"sluice/pipeline"
	"sluice/stages/expression"
)

// computeStep sets fields to the values of expressions, one after the other.
type computeStep struct {
	fields  []computation
	onError OnError
}

type computation struct {
	field   pipeline.Path
	name    string
	pointer string
	program *expression.Program
}

func (b *builder) compute(c *ComputeConfig) step {
	s := &computeStep{onError: c.OnError}
	if c.OnError != OnErrorDead && c.OnError != OnErrorSkip && c.OnError != OnErrorNull {
		b.bad("compute.on_error", "found %q; expected skip, null or dead", string(c.OnError))
	}
	if len(c.Fields) == 0 {
		b.bad("compute", "there is no field; expected field: expression")
	}
	for _, f := range c.Fields {
		key := "compute." + f.Field
		program, err := expression.Compile(f.Expression)
		if err != nil {
			b.bad(key, "%v", err)
		}
		field := b.path(key, f.Field)
		if err != nil || field.Zero() {
			continue
		}
		s.fields = append(s.fields, computation{field, f.Field, field.Pointer(), program})
	}
	return s
}

func (s *computeStep) apply(w *worker, r *pipeline.Record) {
	for i := range s.fields {
		c := &s.fields[i]
		result, err := w.machine.Eval(c.program, r)
		if err == nil {
			err = finite(result)
		}
		var refused *pipeline.RecordError
		switch {
		case err == nil:
			refused = put(r, c.field, result)
		case s.onError == OnErrorDead:
			refused = failure(c.name+" =", c.program, c.pointer, err)
		case s.onError == OnErrorNull:
			refused = r.SetShared(c.field, jsonNull)
		}
		if refused != nil {
			r.Reject(refused)
			return
		}
	}
}

var jsonNull = []byte("null")

// put sets the field to the result; a missing one leaves it alone.
func put(r *pipeline.Record, field pipeline.Path, result expression.Result) *pipeline.RecordError {
	switch result.Kind {
	case expression.KindNull:
		return r.SetShared(field, jsonNull)
	case expression.KindBool:
		return r.SetBool(field, result.Bool())
	case expression.KindInt:
		return r.SetInt(field, result.Int())
	case expression.KindFloat:
		return r.SetFloat(field, result.Float())
	case expression.KindText:
		return r.SetText(field, result.Text())
	case expression.KindJSON:
		return r.Set(field, result.Text())
	}
	return nil
}

// finite refuses the numbers that JSON cannot spell.
func finite(r expression.Result) error {
	if r.Kind != expression.KindFloat {
		return nil
	}
	if f := r.Float(); math.IsNaN(f) || math.IsInf(f, 0) {
		return fmt.Errorf("the result is %v; expected a number that JSON can spell", f)
	}
	return nil
}
