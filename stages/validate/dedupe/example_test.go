package dedupe_test

import (
	"fmt"

	"sluice/pipeline"
	"sluice/stages/validate/dedupe"
)

func Example() {
	d, err := dedupe.New(dedupe.Config{Key: []string{"id"}, Count: 100_000})
	if err != nil {
		fmt.Println(err)
		return
	}
	b := pipeline.NewBatch(pipeline.LaneNormal, `{"id": "e-1"}`, `{"id": "e-2"}`, `{"id": "e-1"}`)
	for i := range b.Len() {
		_ = b.Record(i).Index(pipeline.DefaultMaxDepth)
	}
	var scratch dedupe.Scratch
	d.Process(&scratch, b)
	for r := range b.Each() {
		fmt.Println(string(r.Raw()))
	}
	// Output:
	// {"id": "e-1"}
	// {"id": "e-2"}
}
