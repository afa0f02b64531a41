package postgres

import (
	"context"
	"fmt"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

var benchColumns = row.Columns{
	{Name: "id", Type: row.TypeText}, {Name: "ts", Type: row.TypeTimestamp}, {Name: "level", Type: row.TypeText}, {Name: "service", Type: row.TypeText},
	{Name: "host", Type: row.TypeText}, {Name: "ip", Type: row.TypeText}, {Name: "user_id", Type: row.TypeInteger}, {Name: "status", Type: row.TypeInteger},
	{Name: "duration_ms", Type: row.TypeReal}, {Name: "path", Type: row.TypeText}, {Name: "region", Type: row.TypeText}, {Name: "severity", Type: row.TypeInteger},
	{Name: "slow", Type: row.TypeBoolean},
}

// benchTable has the record as jsonb beside the columns, as the benchmark job
// wants it.
func benchTable(key string) string {
	return `CREATE TABLE events (id text ` + key + `, ts timestamptz, level text, service text, host text, ip text, user_id bigint, status bigint,
		duration_ms double precision, path text, region text, severity bigint, slow boolean, raw jsonb)`
}

func benchLine(n int) string {
	return fmt.Sprintf(`{"id":"0191c2f0-0000-7000-8000-%012d","ts":"2026-11-22T10:00:00.%03dZ","level":"info","service":"checkout","host":"web-%04d","ip":"10.20.30.40","user_id":%d,"status":200,"duration_ms":%d.5,"path":"/api/v1/orders/%d","region":"eu-west","severity":9,"slow":false,"msg":"request done in time"}`,
		n, n%1000, n%1000, n*7, n%900, n)
}

// benchGroup is a group of records of the benchmark job's shape, in full batches.
func benchGroup(tb testing.TB, d *DB, batches int) *pipeline.Group {
	g := &pipeline.Group{Progress: []pipeline.Progress{{Source: "s"}}}
	for k := range batches {
		lines := make([]string, 256)
		for i := range lines {
			lines[i] = benchLine(k*256 + i)
		}
		g.Batches = append(g.Batches, encode(tb, d, lines...))
	}
	return g
}

// store is Write without giving the rows back, so that they can go in again.
func store(tb testing.TB, d *DB, g *pipeline.Group) {
	d.batches = g.Batches
	if err := d.store(context.Background(), g); err != nil {
		tb.Fatal(err)
	}
	d.fence.Moved(g.Progress)
}

func TestWritingDoesNotAllocatePerRecord(t *testing.T) {
	p := newPlace(t, benchColumns, "", "raw")
	p.exec(benchTable(""))
	d := p.open()
	g := benchGroup(t, d, 4)
	store(t, d, g)
	n := testing.AllocsPerRun(20, func() { store(t, d, g) })
	t.Logf("%v allocations for a group of 1,024 records", n)
	if n > 200 {
		t.Errorf("%v allocations for 1,024 records", n)
	}
}

func TestEncodingDoesNotAllocate(t *testing.T) {
	p := newPlace(t, benchColumns, "", "raw")
	d := p.open()
	b := encode(t, d, benchLine(1), benchLine(2), `{"id":"esc\u0061ped","ts":"2026-11-22T10:00:00.123456789+02:00"}`)
	rows := b.Payload.(*tuples)
	n := testing.AllocsPerRun(100, func() { encodeAgain(b, rows, d.plan) })
	if n > 0 {
		t.Errorf("%v allocations for %d records", n, b.Len())
	}
}

func BenchmarkEncode(b *testing.B) {
	p := newPlace(b, benchColumns, "", "raw")
	p.exec(benchTable(""))
	d := p.open()
	g := benchGroup(b, d, 4)
	b.ReportAllocs()
	for b.Loop() {
		for _, batch := range g.Batches {
			encodeAgain(batch, batch.Payload.(*tuples), d.plan)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1024), "ns/record")
}
