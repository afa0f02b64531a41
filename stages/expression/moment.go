package expression

import (
	"fmt"
	"math"
	"reflect"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/builtin"

	"sluice/stages/timestamp"
)

// Functions of time that a rewritten expression calls.
const (
	functionNow    = functionPrefix + "now"    // (machine)
	functionMoment = functionPrefix + "moment" // (value)
)

var timeType = reflect.TypeFor[time.Time]()

// timeFunctions are those functions for expr.
func timeFunctions() map[string]*builtin.Function {
	return map[string]*builtin.Function{
		functionNow: {
			Name:  functionNow,
			Func:  func(args ...any) (any, error) { return args[0].(*Machine).now(), nil },
			Types: []reflect.Type{reflect.TypeFor[func(any) time.Time]()},
		},
		functionMoment: {
			Name: functionMoment,
			Func: func(args ...any) (any, error) { return toMoment(args[0]) },
		},
	}
}

// now is the time of the present evaluation, the same each time it asks.
func (m *Machine) now() time.Time {
	if !m.At.IsZero() {
		return m.At
	}
	if m.inRound != m.round || m.looked.IsZero() {
		m.looked, m.inRound = time.Now(), m.round
	}
	return m.looked
}

// toMoment reads what stands beside a time.
func toMoment(v any) (any, error) {
	switch v := v.(type) {
	case time.Time, time.Duration:
		return v, nil
	case string:
		if t, ok := timestamp.Parse([]byte(v)); ok {
			return t, nil
		}
		return nil, fmt.Errorf("found %.60q; expected an RFC 3339 timestamp such as 2006-01-02T15:04:05Z", v)
	}
	return nil, fmt.Errorf("found %.60s; expected an RFC 3339 timestamp such as 2006-01-02T15:04:05Z", fmt.Sprint(v))
}

// readMoments makes timestamps of the texts that are compared with a time, or
// subtracted from one or the other way round. The types of the nodes are known.
func readMoments(root *ast.Node) { ast.Walk(root, momentVisitor{}) }

type momentVisitor struct{}

// Visit implements ast.Visitor.
func (momentVisitor) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok {
		return
	}
	switch n.Operator {
	case "<", "<=", ">", ">=", "==", "!=", "-":
	default:
		return
	}
	switch left, right := isTime(n.Left), isTime(n.Right); {
	case left && mayBeText(n.Right):
		n.Right = call(n.Right, functionMoment, n.Right)
	case right && mayBeText(n.Left):
		n.Left = call(n.Left, functionMoment, n.Left)
	}
}

func isTime(n ast.Node) bool { return n.Type() == timeType }

// mayBeText says whether a value may turn out to be a text.
func mayBeText(n ast.Node) bool {
	t := n.Type()
	return !isNil(n) && (t == nil || t.Kind() == reflect.Interface)
}

// timeResult is a time that nanoseconds in 64 bits can say, from 1678 to 2262.
func timeResult(t time.Time) Result {
	if year := t.Year(); year < 1678 || year > 2261 {
		return bail
	}
	return Result{Kind: kindTime, num: uint64(t.UnixNano())}
}

// moment compiles what stands beside a time: a time stays as it is.
func moment(x eval) eval { return timeOf(x, timestamp.Parse, true) }

// date compiles expr's date for RFC 3339 texts.
func date(x eval) eval {
	return timeOf(x, func(text []byte) (t time.Time, ok bool) {
		err := t.UnmarshalText(text)
		return t, err == nil
	}, false)
}

func timeOf(x eval, parse func([]byte) (time.Time, bool), keep bool) eval {
	if x == nil {
		return nil
	}
	return func(m *Machine) Result {
		v := x(m)
		switch {
		case v.stop() || keep && (v.Kind == kindTime || v.Kind == kindDuration):
			return v
		case v.Kind == KindText:
			if t, ok := parse(v.text); ok {
				return timeResult(t)
			}
		}
		return bail
	}
}

// duration compiles a duration that is written out.
func duration(n ast.Node) eval {
	text, ok := n.(*ast.StringNode)
	if !ok {
		return nil
	}
	d, err := time.ParseDuration(text.Value)
	if err != nil {
		return nil
	}
	return literal(Result{Kind: kindDuration, num: uint64(d)})
}

func addTimes(a, b Result) Result {
	switch {
	case a.Kind == kindDuration && (b.Kind == kindTime || b.Kind == kindDuration):
		return withKind(b.Kind)(addInt(int64(a.num), int64(b.num)))
	case a.Kind == kindTime && b.Kind == kindDuration:
		return withKind(kindTime)(addInt(int64(a.num), int64(b.num)))
	}
	return bail
}

func subtractTimes(a, b Result) Result {
	switch {
	case a.Kind == b.Kind && (a.Kind == kindTime || a.Kind == kindDuration):
		return withKind(kindDuration)(subtractInt(int64(a.num), int64(b.num)))
	case a.Kind == kindTime && b.Kind == kindDuration:
		return withKind(kindTime)(subtractInt(int64(a.num), int64(b.num)))
	}
	return bail
}

// withKind gives a kind to an integer that did not overflow. expr's durations
// saturate and its times go on: both are left to it.
func withKind(kind Kind) func(n int64, ok bool) Result {
	return func(n int64, ok bool) Result {
		if !ok || n == math.MinInt64 {
			return bail
		}
		return Result{Kind: kind, num: uint64(n)}
	}
}
