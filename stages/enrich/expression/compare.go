package expression

import (
	"bytes"
	"regexp"
	"unicode/utf8"

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

var textTests = map[string]func(s, part []byte) bool{
	"contains":   bytes.Contains,
	"startsWith": bytes.HasPrefix,
	"endsWith":   bytes.HasSuffix,
}

func textTest(left, right eval, test func(s, part []byte) bool) eval {
	return func(m *Machine) Result {
		a := left(m)
		if a.stop() {
			return a
		}
		b := right(m)
		if b.stop() {
			return b
		}
		if a.Kind != KindText || b.Kind != KindText {
			return bail
		}
		return boolResult(test(a.text, b.text))
	}
}

func matches(left eval, pattern *regexp.Regexp) eval {
	return func(m *Machine) Result {
		v := left(m)
		if v.stop() {
			return v
		}
		if v.Kind != KindText {
			return bail
		}
		return boolResult(pattern.Match(v.text))
	}
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

// function compiles the builtin functions that need no memory: len of a text
// or a list.
func function(n *ast.BuiltinNode) eval {
	if n.Name != "len" || len(n.Arguments) != 1 {
		return nil
	}
	args, ok := calls(n.Arguments[0], functionField)
	if !ok {
		return nil
	}
	slot := args[1].(*ast.IntegerNode).Value
	return func(m *Machine) Result {
		switch s := m.field(slot); s.result.Kind {
		case KindNull:
			return Result{Kind: KindMissing}
		case KindText:
			return intResult(int64(utf8.RuneCount(s.result.text)))
		case kindList:
			return intResult(int64(s.value.Len()))
		}
		return bail
	}
}
