package schema_test

import (
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"sluice/pipeline"
	"sluice/stages/validate/schema"
)

// A program is compiled once from what the library made of a schema, and then
// checks any number of records on their index.
func ExampleCompiler() {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"required": ["id"], "properties": {"id": {"type": "integer", "minimum": 1}}}`))
	if err != nil {
		panic(err)
	}
	library := jsonschema.NewCompiler()
	if err := library.AddResource("event.json", doc); err != nil {
		panic(err)
	}
	compiler := new(schema.Compiler)
	program, err := compiler.Compile(library.MustCompile("event.json"))
	if err != nil {
		panic(err)
	}
	for _, line := range []string{`{"id": 1.0}`, `{"id": 0}`, `{}`} {
		nodes, fault := pipeline.Scan(nil, []byte(line), pipeline.DefaultMaxDepth)
		if fault != nil {
			panic(fault)
		}
		record := pipeline.NewValue([]byte(line), nodes)
		fmt.Println(line, program.Fits(record))
		for _, f := range program.Faults(record) {
			fmt.Println(" ", f.Path, f.Missing)
		}
	}
	// Output:
	// {"id": 1.0} true
	// {"id": 0} false
	//   [id] []
	// {} false
	//   [] [id]
}
