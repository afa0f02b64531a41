package expression

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"strings"

	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"
)

// Program is a compiled expression. It is immutable; any number of machines may
// evaluate it at once.
type Program struct {
	source string
	fields []field
	fast   eval // nil where only the machine of expr will do
	code   *vm.Program
}

// Compile compiles an expression of any type. The error is an *Error.
func Compile(source string) (*Program, error) { return compile(source, reflect.Invalid) }

// CompileCondition compiles an expression that is true or false. One whose type
// is known to be another is an error.
func CompileCondition(source string) (*Program, error) { return compile(source, reflect.Bool) }

// Source returns the expression as it was written.
func (p *Program) Source() string { return p.source }

// Fields returns the fields that the expression mentions, as paths.
func (p *Program) Fields() []string {
	names := make([]string, len(p.fields))
	for i := range p.fields {
		names[i] = p.fields[i].name
	}
	return names
}

// Compiled says whether the expression was compiled to closures, so that its
// ordinary case does not allocate.
func (p *Program) Compiled() bool { return p.fast != nil }

// Error is a mistake in an expression.
type Error struct {
	Message string // what was found, and what was expected
	Column  int    // from 1; 0 when there is no one place
	Snippet string // the expression with the place marked, over several lines
}

// Error implements error.
func (e *Error) Error() string {
	if e.Column == 0 {
		return e.Message
	}
	return fmt.Sprintf("%s at column %d%s", e.Message, e.Column, e.Snippet)
}

func compile(source string, expect reflect.Kind) (*Program, error) {
	if strings.TrimSpace(source) == "" {
		return nil, &Error{Message: "the expression is empty"}
	}
	config := newConfig()
	config.Expect, config.ExpectAny = expect, true
	tree, err := parser.ParseWithConfig(source, config)
	if err != nil {
		return nil, compileError(err)
	}
	w := rewriter{index: map[string]int{}}
	tree.Node = w.node(tree.Node, false)
	if w.err != nil {
		return nil, compileError(w.err.Bind(tree.Source))
	}
	// Types are checked before arithmetic becomes function calls, which have
	// none.
	if _, err := checker.Check(tree, config); err != nil {
		return nil, compileError(err)
	}
	readMoments(&tree.Node)
	replaceArithmetic(&tree.Node)
	if _, err := checker.Check(tree, config); err != nil {
		return nil, compileError(err)
	}
	code, err := compiler.Compile(tree, config)
	if err != nil {
		return nil, compileError(err)
	}
	return &Program{source: source, fields: w.fields, fast: closure(tree.Node), code: code}, nil
}

// newConfig is expr's configuration: its builtins and ours, no optimizer
// (which changes what an expression means: "x in ['a']" fails on a number).
func newConfig() *conf.Config {
	config := conf.CreateNew()
	config.Optimize = false
	maps.Copy(config.Functions, machineFunctions())
	return config
}

func compileError(err error) *Error {
	place, ok := errors.AsType[*file.Error](err)
	if !ok {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return &Error{Message: first}
	}
	message := place.Message
	if strings.Contains(message, `Operator("=")`) {
		message += " (== compares)"
	}
	return &Error{Message: message, Column: place.Column + 1, Snippet: place.Snippet}
}
