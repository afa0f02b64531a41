package rules

import (
	"errors"
	"fmt"
	"strings"

	"sluice/pipeline"
	"sluice/stages/expression"
)

// Rule names a fault: a record for which the expression is true has it, and is
// refused. Where the expression meets a field that is missing or null it says
// nothing, and the record passes; ?? and a comparison with nil handle those.
type Rule struct {
	Name       string
	Expression string
}

// Rules are compiled rules, in order.
type Rules struct {
	rules []rule
}

type rule struct {
	Rule
	program *expression.Program
	fields  []field // what the expression reads
}

// field is a field that messages show.
type field struct {
	name string
	path pipeline.Path
}

// New compiles rules. The error joins a *pipeline.ConfigError for each mistake,
// whose key is the rule's name.
func New(list []Rule) (*Rules, error) {
	r := &Rules{}
	var errs []error
	for _, one := range list {
		program, err := expression.CompileCondition(one.Expression)
		if err != nil {
			errs = append(errs, &pipeline.ConfigError{Key: one.Name, Message: err.Error()})
			continue
		}
		r.rules = append(r.rules, rule{Rule: one, program: program, fields: fieldsOf(program)})
	}
	return r, errors.Join(errs...)
}

// fieldsOf returns the fields of an expression that are paths; one with an
// index from the end is none.
func fieldsOf(p *expression.Program) []field {
	var fields []field
	for _, name := range p.Fields() {
		if path, err := pipeline.ParsePath(name); err == nil {
			fields = append(fields, field{name, path})
		}
	}
	return fields
}

// Check returns why the record fails the first of the rules that it fails, nil
// when it fails none. An expression that cannot be evaluated, because of a value
// of another type or a text that is no timestamp, is failed: whether the record
// has the fault is not known.
func (s *Rules) Check(m *expression.Machine, r *pipeline.Record) *pipeline.RecordError {
	for i := range s.rules {
		rule := &s.rules[i]
		result, err := m.Eval(rule.program, r)
		switch {
		case err != nil:
			return rule.broken(r, err)
		case result.Kind > expression.KindBool:
			return rule.broken(r, fmt.Errorf("its result is %s; expected true or false", describe(result.Kind)))
		case result.Kind == expression.KindBool && result.Bool():
			return rule.failed(r)
		}
	}
	return nil
}

func describe(k expression.Kind) string {
	if k == expression.KindInt {
		return "an " + k.String()
	}
	return "a " + k.String()
}

func (s *rule) failed(r *pipeline.Record) *pipeline.RecordError {
	return s.refuse(fmt.Sprintf("rule %s: %s%s", s.Name, shorten(s.Expression, maxExpression), s.values(r)), nil)
}

func (s *rule) broken(r *pipeline.Record, err error) *pipeline.RecordError {
	return s.refuse(fmt.Sprintf("rule %s: cannot tell whether %s: %v%s", s.Name, shorten(s.Expression, maxExpression), err, s.values(r)), err)
}

func (s *rule) refuse(message string, err error) *pipeline.RecordError {
	e := &pipeline.RecordError{Code: pipeline.CodeRule, Message: message, Err: err}
	if len(s.fields) == 1 && len(s.program.Fields()) == 1 {
		e.Pointer = s.fields[0].path.Pointer()
	}
	return e
}

// maxValues is how many fields a message shows.
const maxValues = 6

// values shows what the fields of the expression were.
func (s *rule) values(r *pipeline.Record) string {
	var b strings.Builder
	before := "; "
	for i, f := range s.fields {
		if i == maxValues {
			fmt.Fprintf(&b, " and %d more", len(s.fields)-i)
			break
		}
		fmt.Fprintf(&b, "%s%s is %s", before, f.name, quote(r.Get(f.path)))
		before = ", "
	}
	return b.String()
}
