package expression

import (
	"bytes"

	"github.com/expr-lang/expr/ast"
)

func equality(left, right eval, want bool) eval {
	return func(m *Machine) Result {
		a := left(m)
		if a.stop() {
			return a
		}
		b := right(m)
		if b.stop() {
			return b
		}
		if a.Kind >= kindList && b.Kind >= kindList {
			return bail
		}
		return boolResult(equal(a, b) == want)
	}
}

// fieldAndText recognizes the commonest comparison, field == 'text'.
func fieldAndText(n *ast.BinaryNode) (slot int, text string, ok bool) {
	args, isField := calls(n.Left, functionField)
	literal, isText := n.Right.(*ast.StringNode)
	if !isField || !isText || args[2].(*ast.BoolNode).Value {
		return 0, "", false
	}
	return args[1].(*ast.IntegerNode).Value, literal.Value, true
}

func textEquality(slot int, text string, want bool) eval {
	return func(m *Machine) Result {
		switch r := &m.field(slot).result; r.Kind {
		case KindNull:
			return Result{Kind: KindMissing}
		case KindText:
			return boolResult((string(r.text) == text) == want)
		}
		return boolResult(!want)
	}
}

// equal compares scalars as expr does: numbers by value, others only with
// their like.
func equal(a, b Result) bool {
	switch {
	case a.Kind == KindText:
		return b.Kind == KindText && bytes.Equal(a.text, b.text)
	case a.Kind == KindFloat || b.Kind == KindFloat:
		return a.number() && b.number() && a.float() == b.float()
	}
	return a.Kind == b.Kind && a.num == b.num
}

func order(left, right eval, holds func(comparison int) bool) eval {
	return func(m *Machine) Result {
		a := left(m)
		if a.stop() {
			return a
		}
		b := right(m)
		if b.stop() {
			return b
		}
		switch {
		case a.Kind == KindInt && b.Kind == KindInt:
			return boolResult(holds(compareNumbers(a.Int(), b.Int())))
		case a.number() && b.number():
			return boolResult(holds(compareNumbers(a.float(), b.float())))
		case a.Kind == KindText && b.Kind == KindText:
			return boolResult(holds(bytes.Compare(a.text, b.text)))
		case a.Kind == b.Kind && (a.Kind == kindTime || a.Kind == kindDuration):
			return boolResult(holds(compareNumbers(int64(a.num), int64(b.num))))
		}
		return bail
	}
}

// compareNumbers is -1, 0 or 1. JSON has no NaN, and arithmetic that makes one
// out of infinities compares equal to it here as nowhere else, so notANumber
// keeps it apart.
func compareNumbers[T int64 | float64](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	return notANumber
}

const notANumber = 2

var orders = map[string]func(comparison int) bool{
	"<":  func(c int) bool { return c == -1 },
	"<=": func(c int) bool { return c == -1 || c == 0 },
	">":  func(c int) bool { return c == 1 },
	">=": func(c int) bool { return c == 1 || c == 0 },
}

// in compiles membership in a list of literals.
func in(left eval, right ast.Node) eval {
	list, ok := right.(*ast.ConstantNode)
	if !ok {
		return nil
	}
	var members []Result
	for _, v := range list.Value.([]any) {
		members = append(members, constantResult(v))
	}
	return func(m *Machine) Result {
		v := left(m)
		if v.stop() {
			return v
		}
		for i := range members {
			if equal(v, members[i]) {
				return Result{Kind: KindBool, num: 1}
			}
		}
		return boolResult(false)
	}
}
