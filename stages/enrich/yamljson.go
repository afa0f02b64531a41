package enrich

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// appendJSON appends a YAML value as JSON. Members keep their order, decimal
// numbers their spelling.
func appendJSON(dst []byte, n ast.Node) ([]byte, error) {
	switch n := n.(type) {
	case *ast.AnchorNode:
		return appendJSON(dst, n.Value)
	case *ast.TagNode:
		return appendTagged(dst, n)
	case *ast.NullNode:
		return append(dst, "null"...), nil
	case *ast.BoolNode:
		return strconv.AppendBool(dst, n.Value), nil
	case *ast.IntegerNode:
		return appendNumber(dst, n.Token.Value, n.Value)
	case *ast.FloatNode:
		return appendNumber(dst, n.Token.Value, n.Value)
	case *ast.StringNode:
		return appendScalar(dst, n)
	case *ast.LiteralNode:
		return appendText(dst, n.Value.Value)
	case *ast.SequenceNode:
		return appendList(dst, n.Values)
	case *ast.MappingNode:
		return appendObject(dst, n.Values)
	case *ast.MappingValueNode:
		return appendObject(dst, []*ast.MappingValueNode{n})
	case *ast.InfinityNode, *ast.NanNode:
		return nil, fmt.Errorf("found %s, which JSON has no number for", n.GetToken().Value)
	}
	return nil, fmt.Errorf("found %s; expected a JSON value", describe(n))
}

// appendTagged handles the one tag that changes a value: !!str.
func appendTagged(dst []byte, n *ast.TagNode) ([]byte, error) {
	if n.Start.Value != "!!str" {
		return appendJSON(dst, n.Value)
	}
	if s, ok := n.Value.(*ast.StringNode); ok {
		return appendText(dst, s.Value)
	}
	return appendText(dst, n.Value.GetToken().Value)
}

// appendScalar appends a scalar that the YAML library takes for text. It does so
// with numbers too, where they have an exponent but no point, or do not fit a
// 64-bit type; unquoted they are numbers here.
func appendScalar(dst []byte, n *ast.StringNode) ([]byte, error) {
	spelled := n.Token.Value
	switch {
	case n.Token.Type != token.StringType, !yamlNumber.MatchString(spelled):
		return appendText(dst, n.Value)
	case json.Valid([]byte(spelled)):
		return append(dst, spelled...), nil
	}
	return nil, fmt.Errorf("found the number %.60s; write it as JSON does, such as -1.5e3, or in quotes for text", spelled)
}

// yamlNumber are the numbers of YAML's core schema, with the separators and
// prefixes of YAML 1.1. Leading zeros make a text of digits: an identifier.
var yamlNumber = regexp.MustCompile(`^[-+]?(0x[0-9a-fA-F_]+|0o[0-7_]+|0b[01_]+|((0|[1-9][0-9_]*)(\.[0-9_]*)?|\.[0-9][0-9_]*)([eE][-+]?[0-9]+)?)$`)

func appendNumber(dst []byte, spelled string, value any) ([]byte, error) {
	if json.Valid([]byte(spelled)) {
		return append(dst, spelled...), nil
	}
	text, err := json.Marshal(value) // 0x1F, 1_000, +5
	return append(dst, text...), err
}

func appendText(dst []byte, s string) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(s)
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...), err
}

func appendList(dst []byte, values []ast.Node) ([]byte, error) {
	dst = append(dst, '[')
	var err error
	for i, v := range values {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendJSON(dst, v); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

func appendObject(dst []byte, entries []*ast.MappingValueNode) ([]byte, error) {
	dst = append(dst, '{')
	var err error
	for i, e := range entries {
		if _, ok := e.Key.(*ast.MergeKeyNode); ok {
			return nil, errors.New("found a merge key (<<); write the entries out")
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendText(dst, keyText(e)); err != nil {
			return nil, err
		}
		if dst, err = appendJSON(append(dst, ':'), e.Value); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}
