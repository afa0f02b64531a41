package rules_test

import (
	"fmt"
	"time"

	"sluice/pipeline"
	"sluice/stages/expression"
	"sluice/stages/validate/rules"
)

func Example() {
	checks, err := rules.New(rules.List{{Name: "late", Expression: "ts > now()"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	record := pipeline.NewBatch(pipeline.LaneNormal, `{"ts": "2026-03-01T12:00:01Z"}`).Record(0)
	_ = record.Index(pipeline.DefaultMaxDepth)
	machine := expression.Machine{At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	fmt.Println(checks.Check(&machine, record))
	// Output: rule at /ts: rule late: ts > now(); ts is "2026-03-01T12:00:01Z"
}
