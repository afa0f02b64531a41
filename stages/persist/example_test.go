package persist_test

import (
	"context"
	"fmt"
	"os"

	"sluice/pipeline"
	"sluice/stages/persist"
)

// A sink by hand: the encoder makes the rows, the sink takes them.
func Example() {
	ctx := context.Background()
	out, err := persist.Open(ctx, persist.Config{
		Sink:    "stdout://",
		Columns: persist.Columns{{Name: "id", Type: "text", Key: true}, {Name: "team", Type: "text", From: "owner.team"}},
		Stdout:  os.Stdout,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer out.Close()
	b := pipeline.NewBatch(pipeline.LaneNormal, `{"id":7,"owner":{"team":"core"}}`, `{"id":8}`)
	if err := out.Encoder().Process(ctx, b); err != nil {
		fmt.Println(err)
		return
	}
	settled, err := out.Sink().Write(ctx, &pipeline.Group{Batches: []*pipeline.Batch{b}})
	fmt.Println(settled, err)
	// Output:
	// {"id":"7","team":"core"}
	// {"id":"8","team":null}
	// true <nil>
}
