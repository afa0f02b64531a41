package validate

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"sluice/pipeline"
)

// contender is one way to do something with line i.
type contender struct {
	name    string
	prepare func(lo, hi int) // is not measured; or nil
	do      func(i int) bool
}

// race lets contenders run over the same lines in turn, as many at a time as a
// batch has, and returns the nanoseconds a line of each: the shortest time of
// each stretch counts, so that what else the machine does falls out.
func race(b *testing.B, lines int, contenders []contender) map[string]float64 {
	const stretch = pipeline.MaxBatchRecords
	best := make([][]time.Duration, len(contenders))
	for i := range best {
		best[i] = make([]time.Duration, (lines+stretch-1)/stretch)
		for k := range best[i] {
			best[i][k] = math.MaxInt64
		}
	}
	for b.Loop() {
		for k := range best[0] {
			for i, c := range contenders {
				lo, hi := k*stretch, min(lines, (k+1)*stretch)
				if c.prepare != nil {
					c.prepare(lo, hi)
				}
				start := time.Now()
				for line := lo; line < hi; line++ {
					if !c.do(line) {
						b.Fatalf("%s: line %d has the other verdict", c.name, line)
					}
				}
				best[i][k] = min(best[i][k], time.Since(start))
			}
		}
	}
	result := map[string]float64{}
	for i, c := range contenders {
		sum := time.Duration(0)
		for _, d := range best[i] {
			sum += d
		}
		result[c.name] = float64(sum.Nanoseconds()) / float64(lines)
		b.ReportMetric(result[c.name], c.name+"-ns")
	}
	b.ReportMetric(0, "ns/op")
	return result
}

// BenchmarkEventRatios says how many times faster than the reference the
// program is, on records that fit and on others; how long scan and program
// together take for one time of gjson.Valid, which makes no index; and how many
// times faster the scan is than that. Run it with -benchtime 30x or more.
func BenchmarkEventRatios(b *testing.B) {
	checker := mustCompile(b, "testdata/event.schema.json")
	lines := benchLines(b, 20_000)
	texts, dirty := make([][]byte, len(lines)), make([][]byte, len(lines))
	for i, line := range lines {
		texts[i] = []byte(line)
		if i%2 == 0 {
			dirty[i] = bytes.Replace(texts[i], []byte(`"status":`), []byte(`"status":9`), 1)
		} else {
			dirty[i] = bytes.Replace(texts[i], []byte(`"status"`), []byte(`"state"`), 1)
		}
	}
	// As in a batch, the indexes of a stretch lie one behind the other.
	var arena []pipeline.Node
	roots := make([]pipeline.Value, len(lines))
	indexed := func(texts [][]byte) func(lo, hi int) {
		return func(lo, hi int) {
			arena = arena[:0]
			for i := lo; i < hi; i++ {
				from := len(arena)
				arena, _ = pipeline.Scan(arena, texts[i], pipeline.DefaultMaxDepth)
				roots[i] = pipeline.NewValue(texts[i], arena[from:])
			}
		}
	}
	nodes := make([]pipeline.Node, 0, 64)
	scan := func(i int) pipeline.Value {
		nodes, _ = pipeline.Scan(nodes[:0], texts[i], pipeline.DefaultMaxDepth)
		return pipeline.NewValue(texts[i], nodes)
	}
	t := race(b, len(lines), []contender{
		{"program", indexed(texts), func(i int) bool { return checker.Check(roots[i]) == nil }},
		{"reference", indexed(texts), func(i int) bool { return checker.library.Check(roots[i]) == nil }},
		{"dirty", indexed(dirty), func(i int) bool { return checker.Check(roots[i]) != nil }},
		{"dirty-reference", indexed(dirty), func(i int) bool { return checker.library.Check(roots[i]) != nil }},
		{"scan", nil, func(i int) bool { return scan(i).Exists() }},
		{"scan+program", nil, func(i int) bool { return checker.Check(scan(i)) == nil }},
		{"gjson", nil, func(i int) bool { return gjson.ValidBytes(texts[i]) }},
	})
	b.ReportMetric(t["reference"]/t["program"], "times-reference")
	b.ReportMetric(t["dirty-reference"]/t["dirty"], "times-reference-dirty")
	b.ReportMetric(t["scan+program"]/t["gjson"], "of-gjson")
	b.ReportMetric(t["gjson"]/t["scan"], "scan-times-gjson")
}

// BenchmarkWebhookRatio is the same for real payloads of 8 to 27 kB and their
// schema of 580 kB.
func BenchmarkWebhookRatio(b *testing.B) {
	var checkers []*programChecker
	var roots []pipeline.Value
	eachWebhook(b, func(_ string, checker *programChecker, payload pipeline.Value, valid bool) {
		if valid {
			checkers, roots = append(checkers, checker), append(roots, payload)
		}
	})
	t := race(b, len(roots), []contender{
		{"program", nil, func(i int) bool { return checkers[i].Check(roots[i]) == nil }},
		{"reference", nil, func(i int) bool { return checkers[i].library.Check(roots[i]) == nil }},
	})
	b.ReportMetric(t["reference"]/t["program"], "times-reference")
}
