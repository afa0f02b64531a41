package validate

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"sluice/pipeline"
)

// benchLines are different records of the shape that testdata/event.schema.json
// is for, 260 bytes on average: the first n valid ones of the file that
// SLUICE_BENCH_LINES names, or some made here. So many are used in turn that no
// cache and no branch predictor knows them by heart.
func benchLines(tb testing.TB, n int) []string {
	tb.Helper()
	if name := os.Getenv("SLUICE_BENCH_LINES"); name != "" {
		return readValidLines(tb, name, n)
	}
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"id":"%08x-%04x-4f5e-9b7d-%012x","ts":"2026-11-22T06:%02d:%02d.%03dZ","level":%q,"service":%q,"host":"web-%d",`+
			`"ip":"%d.%d.%d.%d","user_id":%d,"status":%d,"duration_ms":%.1f,"path":%q,"msg":%q}`,
			r.Uint32(), r.IntN(1<<16), r.Int64N(1<<48), r.IntN(60), r.IntN(60), r.IntN(1000),
			pick("debug", "info", "info", "info", "warn", "error"), pick("shipping", "cart", "search", "auth", "billing"), r.IntN(1000),
			r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(1e7), []int{200, 200, 200, 404, 503}[r.IntN(5)], r.ExpFloat64()*300,
			pick("/api/checkout", "/api/user/profile", "/api/cart", "/health"),
			pick("upstream call finished", "payment authorised by provider", "session refreshed for Zoë", "user said \"ok\" and went on"))
	}
	return lines
}

func readValidLines(tb testing.TB, name string, n int) (lines []string) {
	tb.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		tb.Fatal(err)
	}
	checker, err := compileFile("testdata/event.schema.json", Options{})
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		nodes, fault := pipeline.Scan(nil, []byte(line), MaxDepthLimit)
		if fault == nil && checker.Check(pipeline.NewValue([]byte(line), nodes)) == nil && len(lines) < n {
			lines = append(lines, line)
		}
	}
	return lines
}

// BenchmarkEvent is what a record costs after the scan.
func BenchmarkEvent(b *testing.B) {
	checker := mustCompile(b, "testdata/event.schema.json")
	var roots []pipeline.Value
	size := 0
	for _, line := range benchLines(b, 20_000) {
		roots = append(roots, index(b, []byte(line)))
		size += len(line)
	}
	b.ReportAllocs()
	b.SetBytes(int64(size / len(roots)))
	for i := 0; b.Loop(); i++ {
		if f := checker.Check(roots[i%len(roots)]); f != nil {
			b.Fatal(f)
		}
	}
}

func mustCompile(tb testing.TB, path string) *programChecker {
	tb.Helper()
	checker, err := compileFile(path, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return checker
}

func TestRecordThatFitsAllocatesNothing(t *testing.T) {
	checker := mustCompile(t, "testdata/event.schema.json")
	roots := make([]pipeline.Value, 0, 100)
	for _, line := range benchLines(t, 100) {
		roots = append(roots, index(t, []byte(line)))
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, root := range roots {
			if f := checker.Check(root); f != nil {
				t.Fatal(f)
			}
		}
	}); n > 0 {
		t.Errorf("%v allocations for %d records, want 0", n, len(roots))
	}
}

// BenchmarkWithoutSchema is the stage itself on a batch that has its index.
func BenchmarkWithoutSchema(b *testing.B) {
	s, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	batch := pipeline.NewBatch(pipeline.LaneNormal, benchLines(b, pipeline.MaxBatchRecords)...)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Process(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.Len()), "ns/record")
}

func TestStageWithoutASchemaAllocatesNothing(t *testing.T) {
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	batch := pipeline.NewBatch(pipeline.LaneNormal, benchLines(t, pipeline.MaxBatchRecords)...)
	process := func() {
		if err := s.Process(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	process() // makes the indexes
	if n := testing.AllocsPerRun(100, process); n > 0 {
		t.Errorf("%v allocations for a batch that has its indexes, want 0", n)
	}
}

func TestConversionUsesItsContainersAgain(t *testing.T) {
	root := index(t, []byte(`{"a":{"b":[1,true,null,"x"]},"c":[{"d":"\n"}]}`))
	c := new(converter)
	convert := func() {
		c.convert(root)
		c.reset()
	}
	// One for each number, string and array: an interface has its header on the heap.
	if n := testing.AllocsPerRun(100, convert); n > 5 {
		t.Errorf("%v allocations, want at most 5", n)
	}
}
