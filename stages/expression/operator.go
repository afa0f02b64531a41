package expression

import (
	"regexp"

	"github.com/expr-lang/expr/ast"
)

// binary compiles the operators that rewriting left: logic, comparison, text.
func binary(n *ast.BinaryNode) eval {
	left := closure(n.Left)
	if left == nil {
		return nil
	}
	switch n.Operator {
	case "in":
		return in(left, n.Right)
	case "matches":
		if pattern, ok := n.Right.(*ast.StringNode); ok {
			return matches(left, regexp.MustCompile(pattern.Value))
		}
		return nil
	}
	right := closure(n.Right)
	if right == nil {
		return nil
	}
	switch n.Operator {
	case "and", "&&":
		return logic(left, right, false)
	case "or", "||":
		return logic(left, right, true)
	case "??":
		return coalesce(left, right)
	case "==", "!=":
		if slot, text, ok := fieldAndText(n); ok {
			return textEquality(slot, text, n.Operator == "==")
		}
		return equality(left, right, n.Operator == "==")
	}
	if test := textTests[n.Operator]; test != nil {
		return textTest(left, right, test)
	}
	if holds := orders[n.Operator]; holds != nil {
		return order(left, right, holds)
	}
	return nil
}

// logic is "or" when decisive is true, "and" when it is false.
func logic(left, right eval, decisive bool) eval {
	return func(m *Machine) Result {
		v := left(m)
		if v.stop() {
			return v
		}
		if v.Kind != KindBool {
			return bail
		}
		if v.Bool() == decisive {
			return v
		}
		// What the right side is does not matter to expr either.
		return right(m)
	}
}

func coalesce(left, right eval) eval {
	return func(m *Machine) Result {
		if v := left(m); v.Kind != KindNull {
			return v
		}
		return right(m)
	}
}
