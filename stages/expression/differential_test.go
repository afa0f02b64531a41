package expression

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/expr-lang/expr"

	"sluice/pipeline"
)

// common are expressions over the fields a to e that compile to closures.
var common = []string{
	`a`, `a.x`, `a[0]`, `b[-1]`, `-a`, `not a`, `!(a == b)`,
	`a == b`, `a != b`, `a == 1`, `a == 'x'`, `a != 'x'`, `'x' == a`, `a == 1.5`, `a == true`, `a == nil`, `nil != a`, `a.x == b.x`,
	`a < b`, `a <= 1`, `a > 'm'`, `a >= 2.5`,
	`a + b`, `a - b`, `a * b`, `a / b`, `a % b`, `a + 1`, `'<' + a + '>'`, `a * 2 - b / 4 + c % 3`, `a - -1`,
	`a in [1, 2, 3]`, `a in ['x', 'y']`, `a not in [1, 'x', true, 1.5, -1]`,
	`a startsWith b`, `a endsWith 'x'`, `a contains b`, `a matches '^[a-z]+$'`,
	`a and b`, `a or b`, `a == 1 or b == 2 and c == 3`, `a && (b || c)`,
	`a ? b : c`, `a == 1 ? 'one' : a == 2 ? 'two' : b`, `a > b ? a : b`, `if a { b } else { c }`,
	`a ?? b`, `a ?? b ?? 'd'`, `a?.x ?? b`, `(a ?? 0) + (b ?? 0)`, `a.x?.y ?? nil`, `(a ? b : c) ?? d`, `a ?? nil`,
	`len(a)`, `len(a) > 2`, `len(a) + len(b)`, `a == nil ? 0 : a`, `a != nil and a > 1`,
}

// general run on expr's machine alone; there the comparison is with expr.
var general = []string{
	`upper(a)`, `int(a)`, `abs(a)`, `-(a * 1)`, `-a - b`, `sum([a, b])`, `sum([a, b], # * 2)`, `[a, b]`, `{x: a, y: [b]}`, `a ** 2`, `let x = a; x + b`, `any(a, # == 1)`, `map(a, #)`,
	`a in b`, `a[b]`, `len(a) + len(upper(b))`, `a | type()`, `first(a) == b`, `min(a, b)`, `a.x + b.x`, `[a, b][0]`,
}

// TestClosuresAgreeWithTheMachine and the fuzz test below compare three
// evaluations: the closures, our program on expr's machine, and expr itself on
// a decoded map.
func TestClosuresAgreeWithTheMachine(t *testing.T) {
	for _, line := range []string{
		`{"a":1,"b":2,"c":3}`, `{"a":1,"b":1.0}`, `{"a":"x","b":"xy","c":"x"}`, `{"a":true,"b":false,"c":true}`,
		`{"a":null,"b":3}`, `{}`, `{"a":{"x":1},"b":{"x":1.0}}`, `{"a":[1,2,3],"b":[1]}`, `{"a":9223372036854775807,"b":9223372036854775807}`,
		`{"a":-9223372036854775808,"b":-1}`, `{"a":0,"b":0}`, `{"a":"\u0078","b":"x"}`, `{"a":1e308,"b":1e308}`, `{"a":{"x":{"y":2}},"b":""}`,
		`{"a":-0,"b":-0.0}`, `{"a":1e400}`, `{"a":123456789012345678901234567890,"b":1}`, `{"a":["x"],"b":0}`, `{"a":3,"b":"3"}`,
	} {
		compareAll(t, line)
	}
}

func FuzzClosuresAgreeWithTheMachine(f *testing.F) {
	f.Add(`1`, `2`, `3`)
	f.Add(`"x"`, `"xy"`, `null`)
	f.Add(`{"x":1}`, `[1,{"x":null}]`, `1.5`)
	f.Add(`true`, `9223372036854775807`, `"\u00e9"`)
	f.Fuzz(func(t *testing.T, a, b, c string) {
		line := fmt.Sprintf(`{"a":%s,"b":%s,"c":%s}`, a, b, c)
		if !json.Valid([]byte(line)) || strings.ContainsAny(line, "\n\r") {
			t.Skip()
		}
		compareAll(t, line)
	})
}

func compareAll(t *testing.T, line string) {
	r := pipeline.NewBatch(pipeline.LaneNormal, line).Record(0)
	if r.Index(pipeline.DefaultMaxDepth) != nil {
		t.Skip()
	}
	m := &Machine{}
	for _, source := range common {
		p := mustCompile(t, source)
		if p.fast == nil {
			t.Fatalf("%s is not compiled", source)
		}
		m.begin(p, r)
		if result := p.fast(m); result.Kind != kindBail && result.Kind < kindList {
			fast := show(result, nil)
			m.begin(p, r)
			if slow := show(m.evalVM(p)); fast != slow {
				t.Errorf("%s of %s: closure %s, machine %s", source, line, fast, slow)
			}
		}
		compareWithExpr(t, m, p, r, line)
	}
	for _, source := range general {
		compareWithExpr(t, m, mustCompile(t, source), r, line)
	}
}

// compareWithExpr holds the program against expr, except where they differ by
// design: at missing fields, overflow, division by zero and numbers beyond
// reals.
func compareWithExpr(t *testing.T, m *Machine, p *Program, r *pipeline.Record, line string) {
	result, err := m.Eval(p, r)
	if result.Kind == KindMissing && err == nil || errors.Is(err, errMissing) {
		return
	}
	if err != nil && (strings.Contains(err.Error(), "beyond a 64-bit integer") ||
		strings.Contains(err.Error(), errDivideByZero.Error())) {
		return
	}
	got := show(result, err)
	program, compileErr := expr.Compile(p.source, expr.Optimize(false))
	if compileErr != nil {
		t.Fatalf("%s: %v", p.source, compileErr)
	}
	out, exprErr := expr.Run(program, decode(line))
	if exprErr != nil {
		if err == nil && !endsInNothing(exprErr) {
			t.Errorf("%s of %s: %s, expr fails with %v", p.source, line, got, exprErr)
		}
		return
	}
	want, wantErr := m.result(out)
	if beyondJSON(out) {
		return // spelled NaN or Inf in a result; JSON has neither
	}
	if err != nil && wantErr != nil {
		return
	}
	if text := show(want, wantErr); got != text {
		t.Errorf("%s of %s: %s, expr %s", p.source, line, got, text)
	}
}

// endsInNothing says whether expr failed at a path that ends in nothing: that is
// nil for us.
func endsInNothing(err error) bool {
	for _, part := range []string{"cannot fetch", "index out of range", "invalid operation: int(string)"} {
		if strings.Contains(err.Error(), part) {
			return true
		}
	}
	return false
}

func beyondJSON(v any) bool {
	f, ok := v.(float64)
	return ok && (math.IsNaN(f) || math.IsInf(f, 0))
}

// decode makes the map that expr works on, by way of encoding/json alone.
func decode(line string) map[string]any {
	d := json.NewDecoder(bytes.NewReader([]byte(line)))
	d.UseNumber()
	var v map[string]any
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return numbers(v).(map[string]any)
}

func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return int(n)
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	}
	return v
}

func TestDecodedValuesAreThoseOfEncodingJSON(t *testing.T) {
	line := `{"a":[1,-2.5,1e3,"\u00e9",null,true,{"b":{"c":[]}}],"d":{"e":"f"}}`
	m := &Machine{}
	p := mustCompile(t, `$env`)
	m.begin(p, record(t, line))
	got, err := m.goRecord()
	if want := decode(line); err != nil || !reflect.DeepEqual(got, any(want)) {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}
