package enrich_test

import (
	"fmt"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/enrich"
)

// eventLine is a service event like those of the sample data.
const eventLine = `{"id":"01J9Z2K3M4N5P6Q7R8S9T0V%03d","ts":"2026-11-22T10:11:12.345Z","level":"%s","service":"checkout","host":"web-%d",` +
	`"ip":"192.0.2.17","user_id":%d,"status":200,"duration_ms":%d.5,"path":"/api/v1/cart/items","msg":"request done"}`

// jobSteps are a lookup, two expressions and a constant.
var jobSteps = steps(
	`lookup: {field: host, table: hosts.csv, key: host, add: {region: region}}`,
	`compute: {slow: "duration_ms > 500", severity: "level == 'debug' ? 5 : level == 'info' ? 9 : level == 'warn' ? 13 : level == 'error' ? 17 : 21"}`,
	`set: {source: bench}`,
)

func eventLines() []string {
	levels := []string{"debug", "info", "info", "warn", "error", "fatal"}
	lines := make([]string, pipeline.MaxBatchRecords)
	for i := range lines {
		lines[i] = fmt.Sprintf(eventLine, i, levels[i%len(levels)], i, i*7, i*4)
	}
	return lines
}

func jobStage(t testing.TB) *enrich.Stage {
	var hosts strings.Builder
	hosts.WriteString("host,region\n")
	for i := range 1000 {
		fmt.Fprintf(&hosts, "web-%d,region-%d\n", i, i%8)
	}
	return newStage(t, jobSteps, tables(t, "hosts.csv", hosts.String()))
}

// indexed is a batch of lines whose records have their index.
func indexed(t testing.TB, lines []string) *pipeline.Batch {
	b := pipeline.NewBatch(pipeline.LaneNormal, lines...)
	for i := range b.Len() {
		if err := b.Record(i).Index(pipeline.DefaultMaxDepth); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// BenchmarkSteps is a batch of 256 records through the job's steps. The overlay
// grows with each run on the same batch, so a batch is used a few times only,
// and made outside the clock.
func BenchmarkSteps(b *testing.B) {
	stage, lines := jobStage(b), eventLines()
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		b.StopTimer()
		batch := indexed(b, lines)
		b.StartTimer()
		if err := stage.Process(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
		records += batch.Live()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(records), "ns/record")
}

func BenchmarkStep(b *testing.B) {
	dir := tables(b, "hosts.csv", "host,region\nweb-1,eu\n")
	for _, step := range []string{
		`set: {source: bench}`,
		`rename: {msg: message}`,
		`remove: msg`,
		`filter: "level != 'trace'"`,
		`lookup: {field: host, table: hosts.csv, key: host, add: {region: region}}`,
		`compute: {slow: "duration_ms > 500"}`,
		`compute: {name: "upper(service)"}`,
	} {
		b.Run(strings.NewReplacer("/", "_", " ", "_").Replace(step), func(b *testing.B) {
			stage, lines := newStage(b, steps(step), dir), eventLines()
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				batch := indexed(b, lines)
				b.StartTimer()
				if err := stage.Process(b.Context(), batch); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(lines)), "ns/record")
		})
	}
}
