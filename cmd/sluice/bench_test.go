package main

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"testing"
)

// benchSteps is what most jobs do: a lookup and two expressions. There is no
// schema, whose cost has benchmarks of its own.
const benchSteps = `
enrich:
  workers: 2
  steps:
    - lookup: {field: host, table: hosts.csv, key: host, add: {region: region}}
    - compute:
        severity: "level == 'info' ? 9 : level == 'warn' ? 13 : level == 'debug' ? 5 : 17"
        slow: "duration_ms > 500"
persist:
`

const benchColumns = `
  table: events
  columns: {id: text, ts: timestamp, level: text, service: text, host: text, ip: text, user_id: integer, status: integer,
    duration_ms: real, path: text, region: text, severity: integer, slow: boolean}
`

// benchJobs are the same job into different sinks.
var benchJobs = []struct{ name, config string }{
	{"null", benchSteps + "  sink: null://\n"},
	{"null with columns", benchSteps + "  sink: null://\n" + benchColumns},
	{"null with columns and rest", benchSteps + "  sink: null://\n" + benchColumns + "  rest: data\n"},
	{"ndjson", benchSteps + "  sink: ndjson://out.ndjson?mode=truncate\n"},
	{"sqlite", benchSteps + "  sink: sqlite://out.db\n" + benchColumns + "  raw: raw\n"},
}

// BenchmarkRun is the whole command, from stdin to the sink; an operation is
// one record.
func BenchmarkRun(b *testing.B) {
	lines := eventLines()
	for _, job := range benchJobs {
		b.Run(job.name, func(b *testing.B) {
			writeJob(b, job.config)
			b.ReportAllocs()
			b.ResetTimer()
			runJob(b, lines, b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// TestARecordIsNotAllocatedFor compares a long run with a short one. What is
// left is a batch's, and of pools that lose what they hold.
func TestARecordIsNotAllocatedFor(t *testing.T) {
	const records = 8_000
	lines := eventLines()
	for _, job := range benchJobs {
		t.Run(job.name, func(t *testing.T) {
			writeJob(t, job.config)
			short := allocations(func() { runJob(t, lines, records) })
			long := allocations(func() { runJob(t, lines, 3*records) })
			if n := float64(long-short) / (2 * records); n > 0.5 {
				t.Errorf("%.2f allocations a record", n)
			}
		})
	}
}

func allocations(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.Mallocs - before.Mallocs)
}

// writeJob makes a fresh working directory with the job in it.
func writeJob(tb testing.TB, config string) {
	tb.Helper()
	tb.Chdir(tb.TempDir())
	hosts := []byte("host,region\n")
	for i := range 1000 {
		hosts = fmt.Appendf(hosts, "web-%d,region-%d\n", i, i%8)
	}
	for name, text := range map[string][]byte{"hosts.csv": hosts, "sluice.yaml": []byte(config)} {
		if err := os.WriteFile(name, text, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}

// runJob runs the job of the working directory over so many lines.
func runJob(tb testing.TB, lines [][]byte, count int) {
	tb.Helper()
	var told bytes.Buffer
	args, stdin := []string{"run", "--fail-on-dead"}, &repeated{lines: lines, left: count}
	if err := run(tb.Context(), args, stdin, io.Discard, &told, []string{"SLUICE_LISTEN=off"}); err != nil {
		tb.Fatalf("%v\n%s", err, told.String())
	}
}

// repeated reads as lines, again and again until so many were read.
type repeated struct {
	lines [][]byte
	left  int
	line  []byte // what is left of the present one
}

func (r *repeated) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(r.line) == 0 {
			if r.left == 0 {
				break
			}
			r.left--
			r.line = r.lines[r.left%len(r.lines)]
		}
		size := copy(p[n:], r.line)
		r.line = r.line[size:]
		n += size
	}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

// eventLines are different service events of about 260 bytes each.
func eventLines() [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	lines := make([][]byte, 4096)
	for i := range lines {
		lines[i] = fmt.Appendf(nil, `{"id":"%016x-%016x","ts":"2026-01-02T03:04:%02d.%03dZ","level":%q,"service":%q,"host":"web-%d",`+
			`"ip":"192.0.2.%d","user_id":%d,"status":%d,"duration_ms":%.1f,"path":%q,"msg":%q}`+"\n",
			r.Uint64(), r.Uint64(), r.IntN(60), r.IntN(1000), pick("debug", "info", "info", "warn", "error"), pick("cart", "search", "shipping"),
			r.IntN(1000), r.IntN(256), r.IntN(1e7), []int{200, 200, 404, 503}[r.IntN(4)], r.ExpFloat64()*300,
			pick("/api/checkout", "/api/user/profile", "/health"), pick("upstream call finished", "session refreshed for Zoë"))
	}
	return lines
}
