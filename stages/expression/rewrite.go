package expression

import (
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"
	"github.com/expr-lang/expr/file"

	"sluice/stages/nearest"
)

// rewriter turns the names of an expression into reads of the record.
//
// lenient marks the places where a missing field is nil rather than the end of
// the evaluation: the left side of ??, and what is compared with nil.
type rewriter struct {
	fields []field
	index  map[string]int // by name
	locals []string       // variables of let in scope
	err    *file.Error    // the first mistake
}

func (w *rewriter) node(n ast.Node, lenient bool) ast.Node {
	switch n := n.(type) {
	case *ast.IdentifierNode, *ast.MemberNode:
		return w.reference(n, lenient)
	case *ast.ChainNode:
		if n.Node = w.node(n.Node, lenient); isRead(n.Node) {
			return n.Node
		}
	case *ast.BinaryNode:
		w.binary(n, lenient)
	case *ast.UnaryNode:
		n.Node = w.node(n.Node, false)
	case *ast.ConditionalNode:
		n.Cond = w.node(n.Cond, false)
		n.Exp1, n.Exp2 = w.node(n.Exp1, lenient), w.node(n.Exp2, lenient)
	case *ast.VariableDeclaratorNode:
		n.Value = w.node(n.Value, false)
		w.locals = append(w.locals, n.Name)
		n.Expr = w.node(n.Expr, lenient)
		w.locals = w.locals[:len(w.locals)-1]
	case *ast.SequenceNode:
		for i := range n.Nodes {
			n.Nodes[i] = w.node(n.Nodes[i], lenient && i == len(n.Nodes)-1)
		}
	case *ast.CallNode:
		w.callee(n)
		w.all(n.Arguments)
	case *ast.BuiltinNode:
		if w.all(n.Arguments); n.Name == "now" && len(n.Arguments) == 0 {
			return call(n, functionNow, env(n))
		}
	case *ast.PredicateNode:
		n.Node = call(n.Node, functionStep, env(n.Node), w.node(n.Node, false))
	case *ast.ArrayNode:
		w.all(n.Nodes)
	case *ast.MapNode:
		w.all(n.Pairs)
	case *ast.PairNode:
		n.Key, n.Value = w.node(n.Key, false), w.node(n.Value, false)
	case *ast.SliceNode:
		w.slice(n)
	}
	return n
}

func (w *rewriter) all(nodes []ast.Node) {
	for i := range nodes {
		nodes[i] = w.node(nodes[i], false)
	}
}

func (w *rewriter) slice(n *ast.SliceNode) {
	n.Node = w.node(n.Node, false)
	if n.From != nil {
		n.From = w.node(n.From, false)
	}
	if n.To != nil {
		n.To = w.node(n.To, false)
	}
}

func (w *rewriter) binary(n *ast.BinaryNode, lenient bool) {
	left, right := false, false
	switch n.Operator {
	case "??":
		left, right = true, lenient
	case "==", "!=":
		left, right = isNil(n.Right), isNil(n.Left)
	}
	n.Left, n.Right = w.node(n.Left, left), w.node(n.Right, right)
	if list, ok := n.Right.(*ast.ArrayNode); ok && n.Operator == "in" {
		n.Right = constantList(list)
	}
}

// reference rewrites a name or a member: a static path of the record becomes
// one read, an index that is only known at run time a call.
func (w *rewriter) reference(n ast.Node, lenient bool) ast.Node {
	if steps, ok := w.path(n); ok {
		if len(steps) == 0 {
			return call(n, functionRecord, env(n))
		}
		return w.read(n, steps, lenient)
	}
	member, ok := n.(*ast.MemberNode)
	if !ok { // a variable of let
		return n
	}
	ofRecord := w.ofRecord(member.Node)
	member.Node = w.node(member.Node, lenient || member.Optional)
	member.Property = w.node(member.Property, false)
	if !ofRecord || member.Method {
		return n
	}
	return call(n, functionIndex, member.Node, member.Property, boolNode(n, lenient))
}

// path returns the steps of a static path into the record; none for $env.
func (w *rewriter) path(n ast.Node) (steps []step, ok bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if n.Value == "$env" {
			return nil, true
		}
		return []step{{key: &n.Value}}, !slices.Contains(w.locals, n.Value)
	case *ast.ChainNode:
		return w.path(n.Node)
	case *ast.MemberNode:
		steps, ok := w.path(n.Node)
		last, constant := constantStep(n.Property)
		return append(steps, last), ok && constant && !n.Method
	}
	return nil, false
}

// ofRecord says whether a member's base is a part of the record, or a variable.
func (w *rewriter) ofRecord(base ast.Node) bool {
	switch base := base.(type) {
	case *ast.IdentifierNode:
		return true
	case *ast.ChainNode:
		return w.ofRecord(base.Node)
	case *ast.MemberNode:
		return w.ofRecord(base.Node)
	}
	return false
}

func (w *rewriter) read(n ast.Node, steps []step, lenient bool) ast.Node {
	if steps[0].key == nil {
		w.fail(n, "the record is an object; expected the name of a field, found [%d]", steps[0].index)
		return n
	}
	f, err := newField(steps)
	if err != nil {
		w.fail(n, "%v", err)
		return n
	}
	i, known := w.index[f.name]
	if !known {
		i = len(w.fields)
		w.index[f.name] = i
		w.fields = append(w.fields, f)
	}
	slot := &ast.IntegerNode{Value: i}
	slot.SetLocation(n.Location())
	return call(n, functionField, env(n), slot, boolNode(n, lenient))
}

// callee checks what a call calls: fields are no functions.
func (w *rewriter) callee(n *ast.CallNode) {
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
		w.fail(n, "unknown function %s%s", callee.Value, nearest.Hint(callee.Value, builtin.Names))
	case *ast.MemberNode:
		if _, ok := w.path(callee.Node); ok {
			w.fail(n, "a field has no functions to call%s", methodHint(callee.Property))
			return
		}
		callee.Node = w.node(callee.Node, false)
	}
}

// methodHint shows the function that a method call was meant to be.
func methodHint(property ast.Node) string {
	if name, ok := property.(*ast.StringNode); ok {
		if known := nearest.Name(name.Value, builtin.Names); known != "" {
			return "; did you mean " + known + "(...)?"
		}
	}
	return ""
}

func (w *rewriter) fail(n ast.Node, format string, args ...any) {
	if w.err == nil {
		w.err = &file.Error{Location: n.Location(), Message: fmt.Sprintf(format, args...)}
	}
}
