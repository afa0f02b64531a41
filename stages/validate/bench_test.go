package validate

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

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

// BenchmarkEvent compares, on the same lines, the program with the reference
// after the scan, and the scan with and without the program with gjson.Valid.
func BenchmarkEvent(b *testing.B) {
	checker := mustCompile(b, "testdata/event.schema.json")
	lines := benchLines(b, 20_000)
	texts := make([][]byte, len(lines))
	roots := make([]pipeline.Value, len(lines))
	size := 0
	for i, line := range lines {
		texts[i] = []byte(line)
		roots[i] = index(b, texts[i])
		size += len(line)
	}
	run := func(name string, f func(i int) bool) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(size / len(lines)))
			for i := 0; b.Loop(); i++ {
				if !f(i % len(lines)) {
					b.Fatalf("%s does not fit", lines[i%len(lines)])
				}
			}
		})
	}
	run("program", func(i int) bool { return checker.Check(roots[i]) == nil })
	run("reference", func(i int) bool { return checker.library.Check(roots[i]) == nil })
	for i, text := range texts {
		if bad := bytes.Replace(text, []byte(`"status":`), []byte(`"status":9`), 1); i%2 == 0 {
			roots[i] = index(b, bad)
		} else {
			roots[i] = index(b, bytes.Replace(text, []byte(`"status"`), []byte(`"state"`), 1))
		}
	}
	run("program/dirty", func(i int) bool { return checker.Check(roots[i]) != nil })
	run("reference/dirty", func(i int) bool { return checker.library.Check(roots[i]) != nil })
	nodes := make([]pipeline.Node, 0, 64)
	run("scan", func(i int) bool {
		nodes, _ = pipeline.Scan(nodes[:0], texts[i], pipeline.DefaultMaxDepth)
		return len(nodes) > 0
	})
	run("scan+program", func(i int) bool {
		nodes, _ = pipeline.Scan(nodes[:0], texts[i], pipeline.DefaultMaxDepth)
		return checker.Check(pipeline.NewValue(texts[i], nodes)) == nil
	})
	run("gjson.Valid", func(i int) bool { return gjson.ValidBytes(texts[i]) })
}

func mustCompile(tb testing.TB, path string) *programChecker {
	tb.Helper()
	checker, err := compileFile(path, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return checker
}

// BenchmarkWebhooks compares the program with the reference on real payloads of
// 8 to 27 kB and their schema of 580 kB.
func BenchmarkWebhooks(b *testing.B) {
	var checkers []*programChecker
	var roots []pipeline.Value
	eachWebhook(b, func(_ string, checker *programChecker, payload pipeline.Value, valid bool) {
		if valid {
			checkers, roots = append(checkers, checker), append(roots, payload)
		}
	})
	b.Run("program", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			checkers[i%len(roots)].Check(roots[i%len(roots)])
		}
	})
	b.Run("reference", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			checkers[i%len(roots)].library.Check(roots[i%len(roots)])
		}
	})
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
