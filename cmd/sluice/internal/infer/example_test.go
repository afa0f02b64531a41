package infer_test

import (
	"fmt"
	"strings"

	"sluice/cmd/sluice/internal/infer"
)

func Example() {
	in := infer.New()
	lines := strings.NewReader(`{"id": 1, "ts": "2026-03-01T12:00:00Z"}` + "\n" + `{"id": 2, "ts": "2026-03-01T12:00:01Z", "note": null}`)
	if _, err := in.Read(lines, 0, func(s infer.Skipped) { fmt.Println(s.Err) }); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s", in.Config(infer.ConfigOptions{Schema: "event.schema.json", Table: "events", Sink: "sqlite://events.db"}))
	// Output:
	// validate:
	//   schema: event.schema.json
	// persist:
	//   sink: sqlite://events.db
	//   table: events
	//   columns:
	//     id: {type: integer, key: true}
	//     ts: timestamp
	//   rest: rest
}
