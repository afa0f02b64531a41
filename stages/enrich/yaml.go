package enrich

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"sluice/stages/nearest"
)

// decoder reads YAML nodes and collects what is wrong with them.
type decoder struct{ problems *[]problem }

// bad notes a mistake at n; the key is relative to the step.
func (d decoder) bad(n ast.Node, key, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if t := n.GetToken(); t != nil && t.Position != nil {
		message += fmt.Sprintf(" (line %d)", t.Position.Line)
	}
	*d.problems = append(*d.problems, problem{key, message})
}

// mapping returns the entries of a map, nil when n is none or is empty.
func (d decoder) mapping(n ast.Node, key string) []*ast.MappingValueNode {
	var entries []*ast.MappingValueNode
	switch n := plain(n).(type) {
	case *ast.MappingNode:
		entries = n.Values
	case *ast.MappingValueNode:
		entries = []*ast.MappingValueNode{n}
	default:
		d.bad(n, key, "found %s; expected a map", describe(n))
		return nil
	}
	if len(entries) == 0 {
		d.bad(n, key, "the map is empty")
	}
	for _, e := range entries {
		if _, ok := e.Key.(*ast.MergeKeyNode); ok {
			d.bad(n, key, "found a merge key (<<); write the entries out")
			return nil
		}
	}
	return entries
}

// text returns a scalar as it is written.
func (d decoder) text(n ast.Node, key string) string {
	switch n := plain(n).(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value
	}
	d.bad(n, key, "found %s; expected text", describe(n))
	return ""
}

// word is text where null, unquoted, is a word like any other.
func (d decoder) word(n ast.Node, key string, words ...string) string {
	word := "null"
	if _, ok := plain(n).(*ast.NullNode); !ok {
		word = d.text(n, key)
	}
	if word != "" && !slices.Contains(words, word) {
		d.bad(n, key, "found %q; expected %s%s", word, strings.Join(words, ", "), nearest.Hint(word, words))
	}
	return word
}

// texts returns a list of scalars, or a scalar as a list of one.
func (d decoder) texts(n ast.Node, key string) []string {
	list, ok := plain(n).(*ast.SequenceNode)
	if !ok {
		return []string{d.text(n, key)}
	}
	texts := []string{}
	for i, v := range list.Values {
		texts = append(texts, d.text(v, fmt.Sprintf("%s[%d]", key, i)))
	}
	return texts
}

// pairs returns a map of scalars, in order.
func (d decoder) pairs(n ast.Node, key string) [][2]string {
	var pairs [][2]string
	for _, e := range d.mapping(n, key) {
		name := keyText(e)
		pairs = append(pairs, [2]string{name, d.text(e.Value, key+"."+name)})
	}
	return pairs
}

// options reads a map of known keys.
func (d decoder) options(n ast.Node, key string, known map[string]func(n ast.Node, key string)) {
	for _, e := range d.mapping(n, key) {
		name := keyText(e)
		if read := known[name]; read != nil {
			read(e.Value, key+"."+name)
			continue
		}
		var names []string
		for k := range known {
			names = append(names, k)
		}
		slices.Sort(names)
		d.bad(e.Key, key+"."+name, "unknown key%s (keys are %s)", nearest.Hint(name, names), strings.Join(names, ", "))
	}
}

// plain takes anchors and tags off a node.
func plain(n ast.Node) ast.Node {
	switch n := n.(type) {
	case *ast.AnchorNode:
		return plain(n.Value)
	case *ast.TagNode:
		return plain(n.Value)
	}
	return n
}

// keyText returns a map's key as text.
func keyText(e *ast.MappingValueNode) string {
	if s, ok := plain(e.Key).(*ast.StringNode); ok {
		return s.Value
	}
	return e.Key.GetToken().Value
}

// describe names what a node is.
func describe(n ast.Node) string {
	switch n := plain(n).(type) {
	case *ast.NullNode:
		return "nothing"
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a map"
	case *ast.AliasNode:
		return "an alias (*); write the value out"
	case *ast.StringNode:
		text, _ := json.Marshal(n.Value)
		return string(text)
	}
	return n.GetToken().Value
}
