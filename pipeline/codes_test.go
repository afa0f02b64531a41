package pipeline

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"
)

func TestCodesHasEveryCode(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Code" {
			found++
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil || !slices.Contains(Codes(), Code(text)) {
				t.Errorf("%s is not among Codes", spec.Names[0])
			}
		}
		return true
	})
	if want := found + int(DropReasonCount); found == 0 || len(Codes()) != want || !slices.Contains(Codes(), DropRate.Code()) {
		t.Errorf("there are %d codes, expected %d", len(Codes()), want)
	}
}
