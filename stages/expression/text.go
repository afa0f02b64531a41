package expression

import (
	"bytes"
	"regexp"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
)

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

// function compiles the builtin functions that need no memory: len of a text
// or a list, and what reads a time or a duration.
func function(n *ast.BuiltinNode) eval {
	if len(n.Arguments) != 1 {
		return nil
	}
	switch n.Name {
	case "date":
		return date(closure(n.Arguments[0]))
	case "duration":
		return duration(n.Arguments[0])
	case "len":
		return length(n)
	}
	return nil
}

func length(n *ast.BuiltinNode) eval {
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
