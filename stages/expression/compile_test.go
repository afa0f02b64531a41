package expression

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestMistakesAreFoundAtCompileTime(t *testing.T) {
	for _, c := range []struct {
		name, source string
		column       int
		message      string
	}{
		{"nothing", `  `, 0, "empty"},
		{"half an expression", `a >`, 3, "unexpected token EOF"},
		{"an unknown function", `1 + lnegth(a)`, 5, "unknown function lnegth"},
		{"a misspelled function", `1 + uper(a)`, 5, "did you mean upper?"},
		{"a method of a field", `a.uper()`, 3, "did you mean upper(...)?"},
		{"a machine's function", `sluice(a)`, 1, "unknown function"},
		{"one equals sign", `a = 1`, 3, "== compares"},
		{"types that never match", `'a' * 2`, 5, "mismatched types string and int"},
		{"a list first", `$env[0]`, 5, "expected the name of a field"},
		{"a bad pattern", `a matches '['`, 3, "missing closing ]"},
		{"an unclosed text", `a == 'x`, 8, "literal not terminated"},
		{"too much", strings.Repeat("a+", 6000) + "a", 0, "exceeds maximum allowed nodes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Compile(c.source)
			e, ok := errors.AsType[*Error](err)
			if !ok {
				t.Fatalf("the error is %v, want an *Error", err)
			}
			if e.Column != c.column && c.column > 0 || !strings.Contains(e.Error(), c.message) {
				t.Errorf("column %d: %v\nwant column %d: %s", e.Column, e, c.column, c.message)
			}
		})
	}
}

func TestAConditionIsABoolean(t *testing.T) {
	for _, source := range []string{`1 + 1`, `'a'`, `len(a)`} {
		if _, err := CompileCondition(source); err == nil || !strings.Contains(err.Error(), "expected bool") {
			t.Errorf("%s: %v, want an error", source, err)
		}
	}
	for _, source := range []string{`a`, `a > 1`, `a ?? true`} {
		if _, err := CompileCondition(source); err != nil {
			t.Errorf("%s: %v", source, err)
		}
	}
}

func TestFields(t *testing.T) {
	p := mustCompile(t, `a.b[0] + a.b[0] + $env["x.y"] + (let z = c; z) + d[-1].e`)
	want := []string{`a.b[0]`, `"x.y"`, `c`, `d[-1].e`}
	if got := p.Fields(); !slices.Equal(got, want) {
		t.Errorf("fields %q, want %q", got, want)
	}
}
