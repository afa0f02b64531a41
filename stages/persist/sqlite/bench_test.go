package sqlite

import (
	"context"
	"fmt"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

var benchColumns = row.Columns{
	{Name: "id", Type: row.TypeText}, {Name: "ts", Type: row.TypeText}, {Name: "level", Type: row.TypeText}, {Name: "service", Type: row.TypeText},
	{Name: "host", Type: row.TypeText}, {Name: "ip", Type: row.TypeText}, {Name: "user_id", Type: row.TypeInteger}, {Name: "status", Type: row.TypeInteger},
	{Name: "duration_ms", Type: row.TypeReal}, {Name: "path", Type: row.TypeText}, {Name: "region", Type: row.TypeText}, {Name: "severity", Type: row.TypeInteger},
	{Name: "slow", Type: row.TypeBoolean},
}

// benchGroup is a group of 1,024 records of the benchmark job's shape.
func benchGroup(tb testing.TB, cfg Config) (g *pipeline.Group, payloads []any) {
	g = &pipeline.Group{Progress: []pipeline.Progress{{Source: "s"}}}
	for k := range 4 {
		lines := make([]string, 256)
		for i := range lines {
			n := k*256 + i
			lines[i] = fmt.Sprintf(`{"id":"0191c2f0-0000-7000-8000-%012d","ts":"2026-11-22T10:00:00.123Z","level":"info","service":"checkout","host":"web-%04d","ip":"10.20.30.40","user_id":%d,"status":200,"duration_ms":%d.5,"path":"/api/v1/orders/%d","region":"eu-west","severity":9,"slow":false,"msg":"request done in time"}`, n, n, n*7, n%900, n)
		}
		g.Batches = append(g.Batches, encode(tb, cfg, lines...))
	}
	for _, b := range g.Batches {
		payloads = append(payloads, b.Payload)
	}
	return g, payloads
}

// store is Write without giving the rows back, so that they can go in again.
func store(tb testing.TB, d *DB, g *pipeline.Group) {
	if err := d.put(context.Background(), g); err != nil {
		tb.Fatal(err)
	}
	d.fence.Moved(g.Progress)
}

func TestWritingDoesNotAllocatePerRecord(t *testing.T) {
	cfg := testConfig(t, benchColumns, "", "raw")
	d := mustOpen(t, cfg)
	defer d.Close()
	g, _ := benchGroup(t, cfg)
	store(t, d, g)
	n := testing.AllocsPerRun(20, func() { store(t, d, g) })
	t.Logf("%v allocations for a group of 1,024 records", n)
	if n > 100 {
		t.Errorf("%v allocations for 1,024 records", n)
	}
}

func BenchmarkWrite(b *testing.B) {
	keyed := append(row.Columns{{Name: "id", Type: row.TypeText, Key: true}}, benchColumns[1:]...)
	for name, columns := range map[string]row.Columns{"insert": benchColumns, "upsert of the same keys": keyed} {
		b.Run(name, func(b *testing.B) {
			cfg := testConfig(b, columns, "", "raw")
			d := mustOpen(b, cfg)
			g, _ := benchGroup(b, cfg)
			b.ReportAllocs()
			for b.Loop() {
				store(b, d, g)
			}
			b.ReportMetric(float64(b.N)*1024/b.Elapsed().Seconds(), "rows/s")
			if err := d.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
