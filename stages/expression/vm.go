package expression

import (
	"errors"
	"fmt"
	"maps"
	"regexp"

	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"
	"github.com/expr-lang/expr/vm/runtime"
)

// MaxSteps is how many times an expression may evaluate the predicates of
// any, filter, map and the like on one record.
const MaxSteps = 1_000_000

// Functions that a rewritten expression calls. The names cannot be written in
// an expression.
const (
	functionPrefix = "sluice "
	functionField  = functionPrefix + "field"  // (machine, slot, lenient)
	functionIndex  = functionPrefix + "index"  // (base, property, lenient)
	functionRecord = functionPrefix + "record" // (machine)
	functionStep   = functionPrefix + "step"   // (machine, value)
)

var (
	errMissing = errors.New("a field is missing or null")
	errSteps   = fmt.Errorf("more than %d steps over lists; expected fewer", MaxSteps)
)

// machineFunctions are those functions for expr. The machine comes as an
// argument, so that a program can be evaluated by many at once.
func machineFunctions() map[string]*builtin.Function {
	functions := map[string]*builtin.Function{}
	add := func(name string, f vm.Function) {
		functions[name] = &builtin.Function{Name: name, Func: f}
	}
	add(functionField, func(args ...any) (any, error) {
		return orMissing(args[0].(*Machine).goField(args[1].(int)), args[2].(bool))
	})
	add(functionIndex, func(args ...any) (any, error) {
		return orMissing(index(args[0], args[1]), args[2].(bool))
	})
	add(functionRecord, func(args ...any) (any, error) { return args[0].(*Machine).goRecord() })
	add(functionStep, func(args ...any) (any, error) {
		m := args[0].(*Machine)
		if m.steps++; m.steps > MaxSteps {
			return nil, errSteps
		}
		return args[1], nil
	})
	maps.Copy(functions, timeFunctions())
	for operator, f := range arithmetic {
		add(functionPrefix+operator, func(args ...any) (any, error) { return f(args[0], args[1]) })
	}
	for name, f := range conversions {
		add(name, func(args ...any) (any, error) { return f(args[0]) })
	}
	add(functionSpell, func(args ...any) (any, error) {
		return orMissing(args[0].(*Machine).spell(args[1].(int)), args[2].(bool))
	})
	return functions
}

func orMissing(v any, lenient bool) (any, error) {
	if v == nil && !lenient {
		return nil, errMissing
	}
	return v, nil
}

// index is base[property] as a read of a record is: nil where there is nothing.
func index(base, property any) any {
	switch base := base.(type) {
	case nil:
		return nil
	case map[string]any:
		if key, ok := property.(string); ok {
			return base[key]
		}
	case []any:
		if i, ok := integer(property); ok {
			if i < 0 {
				i += int64(len(base))
			}
			if i < 0 || i >= int64(len(base)) {
				return nil
			}
			return base[i]
		}
	}
	return runtime.Fetch(base, property)
}

// evalVM evaluates p on expr's machine.
func (m *Machine) evalVM(p *Program) (Result, error) {
	m.steps = 0
	out, err := m.vm.Run(p.code, m)
	if errors.Is(err, errMissing) {
		return Result{Kind: KindMissing}, nil
	}
	if err != nil {
		return Result{}, runError(err)
	}
	return m.result(out)
}

// conversion is how Go words that an operand has another type.
var conversion = regexp.MustCompile(`interface conversion: interface \{\} is ([\w.\[\]{} ]+), not ([\w.\[\]{} ]+)$`)

// runError words a failure of expr's machine in a line, with its column.
func runError(err error) error {
	place, ok := errors.AsType[*file.Error](err)
	if !ok {
		return err
	}
	message := conversion.ReplaceAllString(place.Message, "found $1, expected $2")
	return fmt.Errorf("%s at column %d", message, place.Column+1)
}
