package client_test

import (
	"fmt"
	"os"
	"strings"
	"time"

	"sluice/cmd/sluice/internal/client"
	"sluice/control"
	"sluice/pipeline"
)

func ExampleWrite() {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	status := control.Status{
		State: pipeline.StateRunning, Since: now.Add(-65 * time.Second), Runs: 2,
		LastRecord: new(now.Add(-500 * time.Millisecond)), LastError: "disk full", Bottleneck: "persist",
		Ledger: pipeline.Counts{Accepted: 12_000, Persisted: 11_000, Dead: 20, InFlight: 980},
		Stages: []control.Stage{{
			Name: "persist", Workers: 4, Busy: 0.92, Idle: 0.05, Blocked: 0.03, Paused: true,
			Lanes: []control.Lane{
				{Lane: "critical", Capacity: 4096},
				{Lane: "low", Depth: 980, Capacity: 4096, OldestAgeS: 12.25},
			},
		}},
	}
	if err := client.Write(os.Stdout, status, now); err != nil {
		panic(err)
	}
	// Output:
	// state        running since 2026-01-02 03:03:00 (1m 05s), run 2
	// paused       persist
	// bottleneck   persist
	// last record  0.50 s ago
	// last error   disk full
	//
	// accepted     12,000
	// persisted    11,000
	// dead             20
	// dropped           0
	// filtered          0
	// left              0
	// in flight       980
	//
	//     stage  workers  busy  idle  blocked      lane  depth  capacity  oldest
	//   persist        4   92%    5%       3%  critical      0     4,096       -
	//                                               low    980     4,096    12 s
}

// A lane that gives records up shows how, and how many it gave up.
func ExampleWrite_drops() {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local)
	status := control.Status{
		State: pipeline.StateRunning, Since: now.Add(-65 * time.Second), Runs: 1,
		Stages: []control.Stage{{
			Name: "persist", Workers: 2,
			Lanes: []control.Lane{
				{Lane: "critical", Capacity: 4096, Full: pipeline.FullWait},
				{Lane: "low", Depth: 100, Capacity: 100, Full: pipeline.FullDropOldest, OldestAgeS: 2.5, Dropped: 12_345},
			},
		}},
	}
	var text strings.Builder
	if err := client.Write(&text, status, now); err != nil {
		panic(err)
	}
	fmt.Print(text.String()[strings.Index(text.String(), "  stage"):])
	// Output:
	// stage  workers  busy  idle  blocked      lane  depth  capacity         full  oldest  dropped
	//   persist        2    0%    0%       0%  critical      0     4,096         wait       -        0
	//                                               low    100       100  drop-oldest  2.50 s   12,345
}
