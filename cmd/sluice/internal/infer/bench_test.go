package infer

import (
	"fmt"
	"testing"
)

// benchLines are records of common size: 11 fields, about 280 bytes.
func benchLines() []string {
	return repeat(5000, func(i int) string {
		return fmt.Sprintf(`{"id":"%08x-4a1c-4f5e-9b7d-%012x","ts":"2026-11-22T06:%02d:%02d.%03dZ","level":"%s","service":"checkout","host":"web-%d",`+
			`"ip":"203.0.113.%d","user_id":%d,"status":200,"duration_ms":%d.%d,"path":"/api/cart/items","msg":"user said \"ok\" and went on"}`,
			i*2654435761, i, i/60%60, i%60, i%1000, []string{"info", "error", "debug"}[i%3], i%200, i%256, 1000+i, i%700, i%10)
	})
}

func BenchmarkAdd(b *testing.B) {
	lines := benchLines()
	in := New()
	b.ReportAllocs()
	b.SetBytes(int64(len(lines[0])))
	for i := 0; b.Loop(); i++ {
		if err := in.Add([]byte(lines[i%len(lines)])); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
