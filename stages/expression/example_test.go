package expression_test

import (
	"fmt"

	"sluice/pipeline"
	"sluice/stages/expression"
)

func Example() {
	program, err := expression.Compile(`user?.plan ?? "free"`)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := pipeline.NewBatch(pipeline.LaneNormal, `{"user": {"plan": "pro"}}`, `{}`)
	var machine expression.Machine
	for i := range batch.Len() {
		record := batch.Record(i)
		if err := record.Index(pipeline.DefaultMaxDepth); err != nil {
			fmt.Println(err)
			return
		}
		result, err := machine.Eval(program, record)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %s\n", result.Kind, result.Text())
	}
	// Output:
	// text pro
	// text free
}
