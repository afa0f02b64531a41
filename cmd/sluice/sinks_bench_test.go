package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"sluice/stages/persist/sidebyside"
)

// sinkRecords is how many records a sink gets in each turn of BenchmarkSinks.
const sinkRecords = 250_000

// BenchmarkSinks is the whole command into one sink after another, in turns. It
// reports each one's records a second and what it has of the null sink's speed:
// the median over the turns, by the clock and by the processor time used.
func BenchmarkSinks(b *testing.B) {
	lines := eventLines()
	rivals := map[string]*sidebyside.Rival{}
	for _, job := range benchJobs {
		if !slices.Contains([]string{"null", "ndjson", "sqlite"}, job.name) {
			continue
		}
		writeJob(b, job.config)
		dir, err := os.Getwd()
		if err != nil {
			b.Fatal(err)
		}
		rivals[job.name] = &sidebyside.Rival{
			Name:   job.name,
			Before: func() { startAnew(b, dir) },
			Work:   func() { runJob(b, lines, sinkRecords) },
		}
	}
	null, ndjson, sqlite := rivals["null"], rivals["ndjson"], rivals["sqlite"]
	race := sidebyside.New(null, ndjson, sqlite)
	for b.Loop() {
		race.Turn()
	}
	race.Report(b, sinkRecords)
	for _, r := range []*sidebyside.Rival{ndjson, sqlite} {
		b.ReportMetric(race.Ratio(r, null), r.Name+"/null")
		b.ReportMetric(race.ProcessRatio(r, null), r.Name+"/null-cpu")
	}
}

// startAnew goes to a job's directory and removes what the job has made.
func startAnew(b *testing.B, dir string) {
	b.Chdir(dir)
	made, err := filepath.Glob("*.*")
	if err != nil {
		b.Fatal(err)
	}
	for _, name := range made {
		if name == "hosts.csv" || name == "sluice.yaml" {
			continue
		}
		if err := os.Remove(name); err != nil {
			b.Fatal(err)
		}
	}
}
