package validate

import (
	"fmt"
	"testing"

	"sluice/pipeline"
)

// benchLines are records of the shape that testdata/event.schema.json is for,
// 262 bytes on average.
func benchLines(n int) []string {
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(`{"id":"%08x-4a1c-4f5e-9b7d-%012x","ts":"2026-11-22T06:%02d:%02d.%03dZ","level":"info","service":"checkout","host":"web-%d",`+
			`"ip":"203.0.113.%d","user_id":%d,"status":200,"duration_ms":%d.%d,"path":"/api/cart/items","msg":"user said \"ok\" and went on"}`,
			i*2654435761, i, i/60%60, i%60, i%1000, i%200, i%256, 1000+i, i%700, i%10)
	}
	return lines
}

// BenchmarkSchema is what a record costs after the scan: with the library, and
// what of it the conversion from the index is.
func BenchmarkSchema(b *testing.B) {
	checker, err := compileFile("testdata/event.schema.json")
	if err != nil {
		b.Fatal(err)
	}
	var roots []pipeline.Value
	bytes := 0
	for _, line := range benchLines(256) {
		roots = append(roots, index(b, []byte(line)))
		bytes += len(line)
	}
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(bytes / len(roots)))
		for i := 0; b.Loop(); i++ {
			if f := checker.Check(roots[i%len(roots)]); f != nil {
				b.Fatal(f)
			}
		}
	})
	b.Run("convert", func(b *testing.B) {
		b.ReportAllocs()
		c := new(converter)
		for i := 0; b.Loop(); i++ {
			if _, ok := c.convert(roots[i%len(roots)]); !ok {
				b.Fatal("refused")
			}
			c.reset()
		}
	})
}

// BenchmarkWithoutSchema is the stage itself on a batch that has its index.
func BenchmarkWithoutSchema(b *testing.B) {
	s, err := New(Config{})
	if err != nil {
		b.Fatal(err)
	}
	batch := pipeline.NewBatch(pipeline.LaneNormal, benchLines(pipeline.MaxBatchRecords)...)
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
	batch := pipeline.NewBatch(pipeline.LaneNormal, benchLines(pipeline.MaxBatchRecords)...)
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
