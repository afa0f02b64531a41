package pipeline_test

import (
	"fmt"

	"sluice/pipeline"
)

func ExampleParsePath() {
	p, err := pipeline.ParsePath(`conn."id.orig_h".ports[0]`)
	fmt.Println(p, p.Pointer(), err)
	_, err = pipeline.ParsePath("tags[first]")
	fmt.Println(err)
	// Output:
	// conn."id.orig_h".ports[0] /conn/id.orig_h/ports/0 <nil>
	// path "tags[first]": unexpected 'f' at byte 5, expected an array index such as [0]
}

func ExampleKeyPath() {
	fmt.Println(pipeline.KeyPath("id.orig_h"))
	// Output:
	// "id.orig_h"
}
