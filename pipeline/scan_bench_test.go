package pipeline

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// benchLines returns 20,000 different lines, so that no branch predictor
// learns them by heart: the first ones of the file that SLUICE_BENCH_LINES
// names, or some of the same shape.
func benchLines(tb testing.TB) (lines [][]byte, size int64) {
	tb.Helper()
	const count = 20_000
	if name := os.Getenv("SLUICE_BENCH_LINES"); name != "" {
		lines = readLines(tb, name, count)
	} else {
		random := rand.New(rand.NewPCG(1, 2))
		for range count {
			lines = append(lines, eventLine(random))
		}
	}
	for _, line := range lines {
		size += int64(len(line))
	}
	return lines, size / int64(len(lines))
}

func readLines(tb testing.TB, name string, limit int) (lines [][]byte) {
	f, err := os.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); len(lines) < limit && s.Scan(); {
		lines = append(lines, bytes.Clone(s.Bytes()))
	}
	return lines
}

// eventLine is a service event of 260 bytes or so.
func eventLine(r *rand.Rand) []byte {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	return fmt.Appendf(nil, `{"id":"%08x-%04x-%04x-%04x-%012x","ts":"2026-01-02T03:04:%02d.%03dZ","level":%q,"service":%q,"host":"web-%d",`+
		`"ip":"%d.%d.%d.%d","user_id":%d,"status":%d,"duration_ms":%.1f,"path":%q,"msg":%q}`,
		r.Uint32(), r.IntN(1<<16), r.IntN(1<<16), r.IntN(1<<16), r.Int64N(1<<48), r.IntN(60), r.IntN(1000),
		pick("debug", "info", "info", "info", "warn", "error"), pick("shipping", "cart", "search", "auth", "billing"), r.IntN(1000),
		r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(1e7), []int{200, 200, 200, 404, 503}[r.IntN(5)], r.ExpFloat64()*300,
		pick("/api/checkout", "/api/user/profile", "/api/cart", "/health"),
		pick("upstream call finished", "payment authorised by provider", "session refreshed for Zoë", "cache miss, going to the database"))
}

func BenchmarkScan(b *testing.B) {
	lines, size := benchLines(b)
	b.SetBytes(size)
	b.ReportAllocs()
	nodes := make([]Node, 0, 64)
	for i := 0; b.Loop(); i++ {
		nodes, _ = Scan(nodes[:0], lines[i%len(lines)], DefaultMaxDepth)
	}
}

// BenchmarkEncodingJSONValid is what encoding/json takes for the verdict alone.
func BenchmarkEncodingJSONValid(b *testing.B) {
	lines, size := benchLines(b)
	b.SetBytes(size)
	for i := 0; b.Loop(); i++ {
		json.Valid(lines[i%len(lines)])
	}
}

// slowLines are lines of n bytes made to be slow to read.
func slowLines(n int) map[string]string {
	fill := func(before, unit, after string) string {
		return before + strings.Repeat(unit, (n-len(before)-len(after))/len(unit)) + after
	}
	deep := n / 2
	return map[string]string{
		"open brackets":      strings.Repeat("[", n),
		"deep arrays":        strings.Repeat("[", deep) + strings.Repeat("]", deep),
		"open objects":       strings.Repeat(`{"a":`, n/5),
		"backslashes":        fill(`{"a":"`, `\\`, `"}`),
		"escaped quotes":     fill(`{"a":"`, `\"`, `"}`),
		"unicode escapes":    fill(`{"a":"`, `\u00e9`, `"}`),
		"digits":             fill(`{"a":`, `1`, `}`),
		"an exponent":        fill(`{"a":1e`, `9`, `}`),
		"colliding keys":     fill(`{`, `"a":1,`, `"a":1}`),
		"empty containers":   fill(`[`, `{},`, `[]]`),
		"a long key":         fill(`{"`, `k`, `":[]}`),
		"foreign characters": fill(`{"a":"`, `é`, `"}`),
		"white space":        fill(`{`, ` `, `}`),
		"no UTF-8 at last":   fill(`{"a":"`, `x`, "\xff\"}"),
	}
}

// BenchmarkScanSlowLines shows that a line's cost is linear in its length: each
// shape has about the same MB/s at both lengths.
func BenchmarkScanSlowLines(b *testing.B) {
	for _, n := range []int{64 << 10, 1 << 20} {
		for name, line := range slowLines(n) {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				src := []byte(line)
				b.SetBytes(int64(len(src)))
				var nodes []Node
				for b.Loop() {
					nodes, _ = Scan(nodes[:0], src, len(src))
				}
			})
		}
	}
}
