package expression

import "github.com/expr-lang/expr/ast"

// call makes a call of one of the machine's functions in the place of n.
func call(n ast.Node, function string, args ...ast.Node) *ast.CallNode {
	callee := &ast.IdentifierNode{Value: function}
	callee.SetLocation(n.Location())
	c := &ast.CallNode{Callee: callee, Arguments: args}
	c.SetLocation(n.Location())
	return c
}

// env is the machine that evaluates, as an argument of a call.
func env(n ast.Node) ast.Node {
	e := &ast.IdentifierNode{Value: "$env"}
	e.SetLocation(n.Location())
	return e
}

func boolNode(n ast.Node, b bool) ast.Node {
	node := &ast.BoolNode{Value: b}
	node.SetLocation(n.Location())
	return node
}

// calls returns the arguments of n when it calls the machine's function.
func calls(n ast.Node, function string) (args []ast.Node, ok bool) {
	c, ok := n.(*ast.CallNode)
	if !ok {
		return nil, false
	}
	callee, ok := c.Callee.(*ast.IdentifierNode)
	return c.Arguments, ok && callee.Value == function
}

// isRead says whether n reads the record.
func isRead(n ast.Node) bool {
	for _, function := range []string{functionField, functionIndex, functionRecord} {
		if _, ok := calls(n, function); ok {
			return true
		}
	}
	return false
}

func isNil(n ast.Node) bool {
	_, ok := n.(*ast.NilNode)
	return ok
}

// constantStep is the step of a member with a constant property.
func constantStep(property ast.Node) (step, bool) {
	switch p := property.(type) {
	case *ast.StringNode:
		return step{key: &p.Value}, true
	case *ast.IntegerNode:
		return step{index: p.Value}, true
	case *ast.UnaryNode:
		if n, ok := p.Node.(*ast.IntegerNode); ok && p.Operator == "-" {
			return step{index: -n.Value}, true
		}
	}
	return step{}, false
}

// constant returns the value of a literal.
func constant(n ast.Node) (any, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.FloatNode:
		return n.Value, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.UnaryNode:
		return negated(n)
	}
	return nil, false
}

func negated(n *ast.UnaryNode) (any, bool) {
	if n.Operator != "-" {
		return nil, false
	}
	switch n := n.Node.(type) {
	case *ast.IntegerNode:
		return -n.Value, true
	case *ast.FloatNode:
		return -n.Value, true
	}
	return nil, false
}

// constantList makes one constant of a list of literals, so that it is not
// built for each record; any other list stays as it is.
func constantList(list *ast.ArrayNode) ast.Node {
	values := make([]any, len(list.Nodes))
	for i, n := range list.Nodes {
		v, ok := constant(n)
		if !ok {
			return list
		}
		values[i] = v
	}
	c := &ast.ConstantNode{Value: values}
	c.SetLocation(list.Location())
	return c
}

// replaceArithmetic puts the machine's own arithmetic and conversions, which
// notice overflow and division by zero, in the place of expr's.
func replaceArithmetic(root *ast.Node) { ast.Walk(root, arithmeticVisitor{}) }

type arithmeticVisitor struct{}

// Visit implements ast.Visitor.
func (arithmeticVisitor) Visit(node *ast.Node) {
	if n, ok := (*node).(*ast.BinaryNode); ok && arithmetic[n.Operator] != nil {
		*node = call(n, functionPrefix+n.Operator, n.Left, n.Right)
	} else if c := replaceConversion(*node); c != nil {
		*node = c
	}
}
