package config

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// lineEnds are those of YAML.
var lineEnds = regexp.MustCompile("\r\n|\r|\n")

// document is one parsed file.
type document struct {
	name  string   // as a person calls it
	lines []string // the text, for excerpts
	root  ast.Node // nil for an empty file; free of anchors, aliases and merge keys
}

// parse reads the text of a file. What it cannot read as YAML is one problem;
// duplicate keys and broken aliases are reported all.
func parse(name string, text []byte) (*document, Problems) {
	doc := &document{name: name, lines: lineEnds.Split(string(text), -1)}
	var problems Problems
	file, err := parser.ParseBytes(text, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		problems.add(doc.syntaxError(err))
		return doc, problems
	}
	var bodies []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil && d.Body.Type() != ast.CommentType {
			bodies = append(bodies, d.Body)
		}
	}
	switch len(bodies) {
	case 0:
		return doc, nil
	case 1:
	default:
		problems.add(doc.at(bodies[1], "", "there is a second YAML document; expected one"))
	}
	r := resolver{doc: doc, anchors: map[string]ast.Node{}}
	doc.root = r.resolve(bodies[0], "")
	return doc, append(problems, r.problems...)
}

// syntaxError turns an error of the parser into a problem.
func (d *document) syntaxError(err error) Problem {
	if e, ok := errors.AsType[yaml.Error](err); ok && e.GetToken() != nil {
		return d.atToken(e.GetToken(), "", e.GetMessage())
	}
	return Problem{Origin: d.name, Message: err.Error()}
}

// at returns a problem that stands where the node begins.
func (d *document) at(n ast.Node, key, format string, args ...any) Problem {
	return d.atToken(firstToken(n), key, fmt.Sprintf(format, args...))
}

func (d *document) atToken(t *token.Token, key, message string) Problem {
	p := Problem{Key: key, Message: message, Origin: d.name}
	if t == nil || t.Position == nil {
		return p
	}
	p.Line, p.Column = t.Position.Line, t.Position.Column
	if p.Line <= len(d.lines) {
		p.Source = d.lines[p.Line-1]
	}
	return p
}

// firstToken returns the token that a person sees as the beginning of the node.
func firstToken(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return firstToken(n.Values[0])
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	case *ast.SequenceNode:
		if n.Start == nil && len(n.Values) > 0 {
			return firstToken(n.Values[0])
		}
	}
	return n.GetToken()
}

// members returns the members of a mapping; ok is false for any other node.
func members(n ast.Node) (values []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// keyText returns a member's key as it is spelled, without quotes.
func keyText(m *ast.MappingValueNode) string {
	var n ast.Node = m.Key
	if k, ok := n.(*ast.MappingKeyNode); ok {
		n = k.Value
	}
	if s, ok := n.(*ast.StringNode); ok {
		return s.Value
	}
	return n.GetToken().Value
}

// describe says what a node is, for "found ...".
func describe(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode:
		return fmt.Sprintf("the text %q", n.Value)
	case *ast.LiteralNode:
		return "a block of text"
	case *ast.NullNode:
		return "nothing"
	}
	return n.GetToken().Value
}
