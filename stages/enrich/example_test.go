package enrich_test

import (
	"context"
	"fmt"

	"github.com/goccy/go-yaml"

	"sluice/pipeline"
	"sluice/stages/enrich"
)

func Example() {
	var config enrich.Config
	err := yaml.Unmarshal([]byte(`
steps:
  - filter: {drop: "level == 'debug'"}
  - compute: {slow: "duration_ms > 500", severity: "level in ['error', 'fatal'] ? 4 : 2"}
  - rename: {msg: message}
  - set: {source: web}
`), &config)
	if err != nil {
		fmt.Println(err)
		return
	}
	stage, err := enrich.New(config)
	if err != nil {
		fmt.Println(err)
		return
	}
	batch := pipeline.NewBatch(pipeline.LaneNormal,
		`{"level": "error", "msg": "no route", "duration_ms": 812}`,
		`{"level": "debug", "msg": "tick"}`,
		`{"level": "info", "msg": "late", "duration_ms": "long"}`,
	)
	if err := stage.Process(context.Background(), batch); err != nil {
		fmt.Println(err)
		return
	}
	for record := range batch.Each() {
		fmt.Println(string(record.AppendJSON(nil)))
	}
	for record := range batch.DeadRecords() {
		fmt.Println("line", record.Line(), record.Err())
	}
	// Output:
	// {"level": "error", "duration_ms": 812,"slow":true,"severity":4,"message":"no route","source":"web"}
	// line 3 compute at /slow: slow = "duration_ms > 500": invalid operation: string > int at column 13
}
