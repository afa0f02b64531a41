package expression

import (
	"github.com/expr-lang/expr/ast"
)

// eval is a compiled expression: it returns a value, KindMissing, or bail to
// leave the evaluation to expr's machine. It never fails and does not allocate.
type eval func(m *Machine) Result

// closure compiles a rewritten expression; nil where it has a part that only
// expr's machine evaluates.
func closure(n ast.Node) eval {
	switch n := n.(type) {
	case *ast.NilNode:
		return literal(Result{Kind: KindNull})
	case *ast.UnaryNode:
		return unary(n)
	case *ast.BinaryNode:
		return binary(n)
	case *ast.ConditionalNode:
		return conditional(n)
	case *ast.BuiltinNode:
		return function(n)
	case *ast.CallNode:
		return machineCall(n)
	}
	if v, ok := constant(n); ok {
		return literal(constantResult(v))
	}
	return nil
}

func literal(r Result) eval { return func(*Machine) Result { return r } }

func constantResult(v any) Result {
	switch v := v.(type) {
	case bool:
		return boolResult(v)
	case int:
		return intResult(int64(v))
	case float64:
		return floatResult(v)
	case string:
		return textResult([]byte(v))
	}
	return bail
}

func unary(n *ast.UnaryNode) eval {
	if v, ok := constant(n); ok {
		return literal(constantResult(v))
	}
	x := closure(n.Node)
	if x == nil {
		return nil
	}
	if n.Operator != "!" && n.Operator != "not" {
		return nil
	}
	return func(m *Machine) Result {
		v := x(m)
		if v.stop() {
			return v
		}
		if v.Kind != KindBool {
			return bail
		}
		return boolResult(v.num == 0)
	}
}

func negation(x eval) eval {
	if x == nil {
		return nil
	}
	return func(m *Machine) Result {
		switch v := x(m); v.Kind {
		case KindMissing:
			return v
		case KindInt:
			return exact(subtractInt(0, v.Int()))
		case KindFloat:
			return floatResult(-v.Float())
		}
		return bail
	}
}

func conditional(n *ast.ConditionalNode) eval {
	condition, yes, no := closure(n.Cond), closure(n.Exp1), closure(n.Exp2)
	if condition == nil || yes == nil || no == nil {
		return nil
	}
	return func(m *Machine) Result {
		v := condition(m)
		switch {
		case v.stop():
			return v
		case v.Kind != KindBool:
			return bail
		case v.num != 0:
			return yes(m)
		}
		return no(m)
	}
}

// machineCall compiles what rewriting put in: reads and arithmetic.
func machineCall(n *ast.CallNode) eval {
	if args, ok := calls(n, functionField); ok {
		return read(args[1].(*ast.IntegerNode).Value, args[2].(*ast.BoolNode).Value)
	}
	if args, ok := calls(n, functionNegate); ok {
		return negation(closure(args[0]))
	}
	if _, ok := calls(n, functionNow); ok {
		return func(m *Machine) Result { return timeResult(m.now()) }
	}
	if args, ok := calls(n, functionMoment); ok {
		return moment(closure(args[0]))
	}
	callee, ok := n.Callee.(*ast.IdentifierNode)
	if !ok {
		return nil
	}
	calculate := calculations[callee.Value]
	if calculate == nil {
		return nil
	}
	a, b := closure(n.Arguments[0]), closure(n.Arguments[1])
	if a == nil || b == nil {
		return nil
	}
	return func(m *Machine) Result {
		x := a(m)
		if x.stop() {
			return x
		}
		y := b(m)
		if y.stop() {
			return y
		}
		return calculate(m, x, y)
	}
}

func read(slot int, lenient bool) eval {
	if lenient {
		return func(m *Machine) Result { return m.field(slot).result }
	}
	return func(m *Machine) Result {
		r := m.field(slot).result
		if r.Kind == KindNull {
			return Result{Kind: KindMissing}
		}
		return r
	}
}
