package ingest

import (
	"bytes"
	"testing"
	"time"

	"sluice/pipeline"
)

func BenchmarkPost(b *testing.B) {
	small := []byte(`{"id":"00000001","level":"info","host":"host-1","msg":"one record of common size"}` + "\n")
	large := events(30_000)
	for _, bench := range []struct {
		name, encoding string
		body           []byte
		ack            pipeline.Ack
	}{
		{"one record, persisted", "", small, pipeline.AckPersisted},
		{"one record, accepted", "", small, pipeline.AckAccepted},
		{"one record, gzip", "gzip", gzipped(b, string(small)), pipeline.AckPersisted},
		{"one record, zstd", "zstd", zstded(b, string(small)), pipeline.AckPersisted},
		{"30000 records", "", large, pipeline.AckPersisted},
		{"30000 records, gzip", "gzip", gzipped(b, string(large)), pipeline.AckPersisted},
		{"30000 records, zstd", "zstd", zstded(b, string(large)), pipeline.AckPersisted},
	} {
		b.Run(bench.name, func(b *testing.B) {
			bodies := NewBodies(normalRule, BodyLimits{})
			s := serve(b, bodies, &bodySink{forget: true})
			o := pipeline.PostOptions{Encoding: bench.encoding, Ack: bench.ack, Timeout: time.Minute}
			r := bytes.NewReader(nil)
			b.SetBytes(int64(len(bench.body)))
			b.ReportAllocs()
			for b.Loop() {
				r.Reset(bench.body)
				if _, err := bodies.Post(b.Context(), r, o); err != nil {
					b.Fatal(err)
				}
			}
			s.end()
		})
	}
}

// TestPostAllocatesNothingARecord compares bodies of many records.
func TestPostAllocatesNothingARecord(t *testing.T) {
	bodies := NewBodies(normalRule, BodyLimits{})
	s := serve(t, bodies, &bodySink{forget: true})
	r := bytes.NewReader(nil)
	allocations := func(body []byte) float64 {
		return testing.AllocsPerRun(10, func() {
			r.Reset(body)
			if _, err := bodies.Post(t.Context(), r, pipeline.PostOptions{Timeout: time.Minute}); err != nil {
				t.Error(err)
			}
		})
	}
	one, many := allocations(events(1)), allocations(events(20_000))
	t.Logf("%v allocations for one record, %v for 20000", one, many)
	// The race detector makes pools forget a quarter of what they are given, and
	// each batch then grows its memory anew: some forty allocations for 256 records.
	if more := many - one; more > 20_000/5 {
		t.Errorf("%v allocations more for 20000 records", more)
	}
	s.end()
}
