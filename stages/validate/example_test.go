package validate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"sluice/pipeline"
	"sluice/stages/validate"
)

// A record that fails a check becomes a dead letter of its batch.
func ExampleNew() {
	dir, err := os.MkdirTemp("", "schema")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	schema := filepath.Join(dir, "event.schema.json")
	text := `{"required": ["id"], "properties": {"status": {"type": "integer", "maximum": 599}}}`
	if err := os.WriteFile(schema, []byte(text), 0o644); err != nil {
		panic(err)
	}

	stage, err := validate.New(validate.Config{Schema: schema})
	if err != nil {
		panic(err)
	}
	b := pipeline.NewBatch(pipeline.LaneNormal,
		`{"id": "a", "status": 200}`,
		`{"id": "b", "status": 999}`,
		`{"status": 200}`,
		`[]`,
	)
	if err := stage.Process(context.Background(), b); err != nil {
		panic(err)
	}
	fmt.Println(b.Live(), "live")
	for r := range b.DeadRecords() {
		fmt.Printf("line %d, %s: %s\n", r.Line(), r.Err().Code, r.Err().Message)
	}
	// Output:
	// 1 live
	// line 2, schema: /status is 999; must be at most 599
	// line 3, schema: required property "id" is missing
	// line 4, not_object: the record is an array; must be an object such as {"key": "value"}
}
