package config

import (
	"github.com/goccy/go-yaml/ast"
)

// resolver replaces aliases by what they stand for, lays merge keys under the
// mapping they stand in, and reports duplicate keys, so that everything after
// it sees plain values.
type resolver struct {
	doc      *document
	anchors  map[string]ast.Node
	problems Problems
}

// resolve returns the node without anchors, aliases, tags and merge keys. path
// is its key, for messages.
func (r *resolver) resolve(n ast.Node, path string) ast.Node {
	switch n := n.(type) {
	case *ast.AnchorNode:
		name := n.Name.GetToken().Value
		value := r.resolve(n.Value, path)
		r.anchors[name] = value
		return value
	case *ast.AliasNode:
		name := n.Value.GetToken().Value
		if value, ok := r.anchors[name]; ok {
			return value
		}
		r.problems = append(r.problems, r.doc.at(n, path, "there is no anchor &%s before this alias", name))
		return ast.Null(n.GetToken())
	case *ast.TagNode:
		return r.resolve(n.Value, path)
	case *ast.SequenceNode:
		for i, v := range n.Values {
			n.Values[i] = r.resolve(v, joinIndex(path, i))
		}
	case *ast.MappingValueNode:
		return r.mapping(ast.Mapping(n.Start, n.IsFlowStyle, n), path)
	case *ast.MappingNode:
		return r.mapping(n, path)
	}
	return n
}

// mapping resolves the values of a mapping. A key that a merge key brings
// counts only where the mapping itself has none.
func (r *resolver) mapping(n *ast.MappingNode, path string) ast.Node {
	own := make([]*ast.MappingValueNode, 0, len(n.Values))
	seen := map[string]bool{}
	var merged []*ast.MappingValueNode
	for _, m := range n.Values {
		if m.Key.IsMergeKey() {
			merged = append(merged, r.mergeSources(m, path)...)
			continue
		}
		key := keyText(m)
		if seen[key] {
			r.problems = append(r.problems, r.doc.at(m, joinKey(path, key), "the key stands here a second time; expected it once"))
			continue
		}
		seen[key] = true
		m.Value = r.resolve(m.Value, joinKey(path, key))
		own = append(own, m)
	}
	for _, m := range merged {
		if key := keyText(m); !seen[key] {
			seen[key] = true
			own = append(own, m)
		}
	}
	n.Values = own
	return n
}

// mergeSources returns the members that a merge key brings, the first source
// first.
func (r *resolver) mergeSources(m *ast.MappingValueNode, path string) []*ast.MappingValueNode {
	source := r.resolve(m.Value, joinKey(path, "<<"))
	sources := []ast.Node{source}
	if list, ok := source.(*ast.SequenceNode); ok {
		sources = list.Values
	}
	var all []*ast.MappingValueNode
	for _, s := range sources {
		values, ok := members(s)
		if !ok {
			r.problems = append(r.problems, r.doc.at(m, joinKey(path, "<<"), "found %s; expected an alias of a mapping", describe(s)))
		}
		all = append(all, values...)
	}
	return all
}
