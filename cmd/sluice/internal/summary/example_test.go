package summary_test

import (
	"os"
	"time"

	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
)

func ExampleText_Write() {
	counts := pipeline.Counts{Accepted: 12_000, Persisted: 11_999, Dead: 1}
	status := pipeline.Status{Ledger: pipeline.Ledger{
		Counts: counts, DeadByCode: map[pipeline.Code]int64{pipeline.CodeNotJSON: 1},
	}}
	text := summary.Text{
		Report: summary.NewReport(status, 500*time.Millisecond, nil),
		Rows:   summary.Place{Where: "table events in events.db"},
	}
	if err := text.Write(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// accepted   12,000  in 0.50 s, 24,000 records/s
	// persisted  11,999
	// dead            1
	// filtered        0
	// left            0
	// rows          table events in events.db
	//   not_json 1
}
