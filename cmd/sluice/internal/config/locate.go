package config

import (
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// joinKey appends a mapping's key to a dotted key. A key with a dot or bracket
// is quoted.
func joinKey(path, key string) string {
	if strings.ContainsAny(key, ".[\"") {
		key = strconv.Quote(key)
	}
	return join(path, key)
}

func joinIndex(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// join puts two dotted keys together; either may be empty.
func join(outer, inner string) string {
	if outer == "" || inner == "" || inner[0] == '[' {
		return outer + inner
	}
	return outer + "." + inner
}

// locate returns a problem at the place of a dotted key: at its value, or where
// the file has no such key, at the innermost section that contains it.
func (d *document) locate(key, message string) Problem {
	p := Problem{Key: key, Message: message, Origin: d.name}
	if d.root == nil {
		return p
	}
	place, rest := ast.Node(nil), key
	for n := d.root; rest != ""; {
		next, at, after, ok := step(n, rest)
		if !ok {
			break
		}
		place, n, rest = at, next, after
	}
	if place == nil {
		return p
	}
	return d.atToken(firstToken(place), key, message)
}

// step goes from a node along the beginning of a dotted key. at is where a
// person looks for it: the value when it is a scalar, else the key before it.
func step(n ast.Node, key string) (next, at ast.Node, rest string, ok bool) {
	if list, isList := n.(*ast.SequenceNode); isList {
		i, rest, ok := index(key)
		if !ok || i >= len(list.Values) {
			return nil, nil, "", false
		}
		return list.Values[i], list.Values[i], rest, true
	}
	values, _ := members(n)
	best := -1
	for _, m := range values {
		for _, name := range []string{keyText(m), strconv.Quote(keyText(m))} {
			after, found := strings.CutPrefix(key, name)
			if !found || len(name) <= best || after != "" && after[0] != '.' && after[0] != '[' {
				continue
			}
			best, rest = len(name), strings.TrimPrefix(after, ".")
			next, at = m.Value, m.Key
			if _, scalar := m.Value.(ast.ScalarNode); scalar && m.Value.Type() != ast.NullType {
				at = m.Value
			}
		}
	}
	return next, at, rest, best >= 0
}

// index reads "[3].rest" or "3.rest".
func index(key string) (i int, rest string, ok bool) {
	text, rest, bracket := strings.Cut(strings.TrimPrefix(key, "["), "]")
	if !strings.HasPrefix(key, "[") {
		text, rest, _ = strings.Cut(key, ".")
		bracket = true
	}
	i, err := strconv.Atoi(text)
	return i, strings.TrimPrefix(rest, "."), err == nil && bracket && i >= 0
}
