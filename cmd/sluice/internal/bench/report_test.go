package bench

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"sluice/pipeline"
)

var update = flag.Bool("update", false, "write the golden files")

// fixed is a report with every field set.
func fixed() Report {
	return Report{
		Config: "sluice.yaml", Sink: "null://", Through: "intake", Seed: 1, ElapsedS: 10.012, SendingS: 10,
		CapacityPerS: 400_000, InPerS: 404_000.5, OutPerS: 403_500.2, PeakRSS: 80 << 20, CPUs: 2,
		Error: "stopped before the end of the input", Bottleneck: "enrich", SinkBusy: 0.125, DepthEveryMS: 100,
		Counts:     pipeline.Counts{Accepted: 4_040_005, Persisted: 4_040_000, Dead: 5},
		DeadByCode: map[pipeline.Code]int64{pipeline.CodeSchema: 5},
		Lanes: []Lane{{
			Lane: pipeline.LaneCritical, Rate: 8000, Offered: 80_000, InPerS: 8000, OutPerS: 7990.4,
			Counts:  pipeline.Counts{Accepted: 80_000, Persisted: 80_000},
			Latency: Latency{Since: "due", Times: Times{Count: 80_000, Mean: 0.9, P50: 0.61, P90: 1.5, P99: 4.25, P999: 12.125, Max: 31}},
			Late:    Times{Count: 75_000, Mean: 0.3, P50: 0.125, P90: 0.5, P99: 1, P999: 1.5, Max: 2.5},
		}, {
			Lane: pipeline.LaneLow, Rate: 800_000, Offered: 8_000_000, InPerS: 396_000.5, OutPerS: 395_509.8,
			Counts:  pipeline.Counts{Accepted: 3_960_005, Persisted: 3_960_000, Dead: 5},
			Latency: Latency{Since: "due", Times: Times{Count: 3_960_005, Mean: 2500, P50: 2500.25, P90: 4500, P99: 4950, P999: 4995, Max: 15_000}},
		}},
		Stages: []Stage{{
			Name: "enrich", Workers: 2, Busy: 0.9, Idle: 0.04, Blocked: 0.06,
			Lanes: []Channel{{
				Lane: pipeline.LaneCritical, Capacity: 4096, Deepest: 100, LongestWaitMS: 3.5, Depth: []int{0, 100, 50},
			}, {
				Lane: pipeline.LaneLow, Capacity: 4096, Deepest: 4096, LongestWaitMS: 20.5, BoundMS: new(61.25), Dropped: 12, Depth: []int{0, 4096, 4000},
			}},
		}},
	}
}

func TestReport(t *testing.T) {
	for name, write := range map[string]func(Report, *bytes.Buffer) error{
		"report.golden.json": func(r Report, b *bytes.Buffer) error { return r.Write(b) },
		"report.golden.txt":  func(r Report, b *bytes.Buffer) error { return r.Text(b) },
	} {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			if err := write(fixed(), &got); err != nil {
				t.Fatal(err)
			}
			golden := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}
