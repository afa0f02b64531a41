package expression

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/vm/runtime"
)

// Functions that the machine takes over from expr, whose own give a wrong
// integer beyond 64 bits and spell values as Go does.
const (
	functionNegate = functionPrefix + "negate" // (value)
	functionAbs    = functionPrefix + "abs"    // (value)
	functionInt    = functionPrefix + "int"    // (value)
	functionSum    = functionPrefix + "sum"    // (list)
	functionString = functionPrefix + "string" // (value)
	functionSpell  = functionPrefix + "spell"  // (machine, slot, lenient)
)

// conversions are those functions that take one value.
var conversions = map[string]func(v any) (any, error){
	functionNegate: negate,
	functionAbs: func(v any) (any, error) {
		if n, ok := integer(v); ok && n < 0 {
			return negate(v)
		}
		return builtin.Abs(v), nil
	},
	functionInt:    toInt,
	functionSum:    sum,
	functionString: toText,
}

func negate(v any) (any, error) {
	n, ok := integer(v)
	if !ok {
		return runtime.Negate(v), nil
	}
	return arithmetic["-"](0, int(n))
}

// toInt drops the fraction, as expr does.
func toInt(v any) (any, error) {
	switch v := v.(type) {
	case float64:
		// The limits themselves are reals; the upper one is beyond an integer.
		if !(v >= math.MinInt64 && v < -math.MinInt64) {
			return nil, fmt.Errorf("int(%v) is beyond a 64-bit integer", v)
		}
	case string:
		n, err := strconv.Atoi(v)
		if errors.Is(err, strconv.ErrRange) {
			return nil, fmt.Errorf("int(%.60q) is beyond a 64-bit integer", v)
		}
		if err != nil {
			return nil, fmt.Errorf("int(%.60q) is no integer", v)
		}
		return n, nil
	}
	return builtin.Int(v), nil
}

// sum adds up a list, 0 when it is empty.
func sum(list any) (any, error) {
	v := reflect.ValueOf(list)
	if v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil, fmt.Errorf("sum of a %T; expected a list", list)
	}
	var total any = 0
	for i := range v.Len() {
		var err error
		if total, err = arithmetic["+"](total, v.Index(i).Interface()); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// toText is a text as it is, and the JSON text of anything else.
func toText(v any) (any, error) {
	var m Machine
	r, err := m.result(v)
	switch {
	case err != nil:
		return nil, err
	case r.Kind == KindText:
		return string(r.text), nil
	}
	b, err := jsonResult(v)
	return string(b.text), err
}

// spell is a field as text: the characters of a string, the JSON text of
// anything else as the record spells it.
func (m *Machine) spell(i int) any {
	switch s := m.field(i); s.result.Kind {
	case KindNull:
		return nil
	case KindText:
		return string(s.result.text)
	default:
		return string(s.value.JSON())
	}
}

// replaceConversion returns what stands in the place of n, nil for n itself.
func replaceConversion(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if _, literal := constant(n); n.Operator == "-" && !literal {
			return call(n, functionNegate, n.Node)
		}
	case *ast.BuiltinNode:
		return replaceFunction(n)
	}
	return nil
}

func replaceFunction(n *ast.BuiltinNode) ast.Node {
	switch {
	case n.Name == "sum" && len(n.Arguments) == 2:
		list := &ast.BuiltinNode{Name: "map", Arguments: n.Arguments}
		list.SetLocation(n.Location())
		return call(n, functionSum, list)
	case len(n.Arguments) != 1:
		return nil
	case n.Name == "string":
		if args, ok := calls(n.Arguments[0], functionField); ok {
			return call(n, functionSpell, args...)
		}
	}
	if name := functionPrefix + n.Name; conversions[name] != nil && name != functionNegate {
		return call(n, name, n.Arguments[0])
	}
	return nil
}
