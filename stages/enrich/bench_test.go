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

// BenchmarkSteps is the job's steps; an operation is one record. The batches
// are new and indexed, made outside the clock; the few allocations a batch are
// its overlay's memory, which a running pipeline uses again.
func BenchmarkSteps(b *testing.B) { benchmark(b, jobStage(b)) }

func benchmark(b *testing.B, stage *enrich.Stage) {
	lines := eventLines()
	var batches []*pipeline.Batch
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		if n%len(lines) > 0 {
			continue
		}
		if len(batches) == 0 {
			b.StopTimer()
			for range 64 {
				batches = append(batches, indexed(b, lines))
			}
			b.StartTimer()
		}
		batch := batches[len(batches)-1]
		batches = batches[:len(batches)-1]
		if err := stage.Process(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// TestStepsDoNotAllocate runs one batch again and again: the overlay has its
// memory then, as that of a batch of a running pipeline has.
func TestStepsDoNotAllocate(t *testing.T) {
	dir := tables(t, "hosts.csv", "host,region\nweb-1,eu\n")
	for name, stage := range map[string]*enrich.Stage{
		"the job": jobStage(t),
		"every step": newStage(t, steps(
			`set: {source: bench, meta.n: 1}`, `rename: {path: url}`, `remove: [ip, nope]`, `filter: "status < 500"`,
			`lookup: {field: host, table: hosts.csv, key: host, add: {region: region}, on_miss: null}`,
			`compute: {tag: "service + '/' + level", n: "user_id % 7", half: "duration_ms / 2", none: "nope > 1"}`,
		), dir),
	} {
		batch := indexed(t, eventLines())
		run := func() {
			if err := stage.Process(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
		}
		run()
		// One allocation a record would be 256; a few a batch are the pool of
		// workers, which gives some away under the race detector.
		if n := testing.AllocsPerRun(100, run); n > 16 {
			t.Errorf("%s: %v allocations for %d records", name, n, batch.Live())
		}
	}
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
			benchmark(b, newStage(b, steps(step), dir))
		})
	}
}
