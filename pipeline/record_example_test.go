package pipeline_test

import (
	"fmt"

	"sluice/pipeline"
)

// A record's own bytes stay as they are: numbers keep their spelling, members
// their order.
func ExampleRecord_AppendJSON() {
	b := pipeline.NewBatch(pipeline.LaneNormal, `{"id": "x-1", "took": 1.50, "host": "web-1"}`)
	r := b.Record(0)
	r.SetText(pipeline.MustPath("owner.team"), []byte("shop"))
	r.SetBool(pipeline.MustPath("slow"), false)
	r.Remove(pipeline.MustPath("host"))
	fmt.Printf("%s\n", r.AppendJSON(nil))
	// Output:
	// {"id": "x-1", "took": 1.50,"owner":{"team":"shop"},"slow":false}
}

func ExampleRecord_Get() {
	b := pipeline.NewBatch(pipeline.LaneNormal, `{"id.orig_h":"10.0.0.1","ports":[{"n":443.0},{"n":80}]}`)
	r := b.Record(0)
	port, ok := r.Get(pipeline.MustPath("ports[0].n")).Int64()
	fmt.Println(port, ok)
	fmt.Println(r.Get(pipeline.MustPath(`"id.orig_h"`)).EqualText("10.0.0.1"))
	fmt.Println(r.Get(pipeline.MustPath("ports[2]")).Exists())
	// Output:
	// 443 true
	// true
	// false
}

func ExampleRecord_AppendWithout() {
	b := pipeline.NewBatch(pipeline.LaneNormal, `{"id":1,"owner":{"team":"shop","mail":"a@b"},"note":"x"}`)
	columns := pipeline.NewPaths(pipeline.MustPath("id"), pipeline.MustPath("owner.team"))
	fmt.Printf("%s\n", b.Record(0).AppendWithout(nil, columns))
	// Output:
	// {"owner":{"mail":"a@b"},"note":"x"}
}

func ExampleRecord_Index() {
	b := pipeline.NewBatch(pipeline.LaneNormal, `{"tags":["a",nul]}`)
	fmt.Println(b.Record(0).Index(pipeline.DefaultMaxDepth))
	// Output:
	// not_json at /tags/1: unexpected ']' at byte 16, expected true, false or null
}
