package ingest

import (
	"math/rand/v2"
	"testing"
	"time"

	"sluice/pipeline"
)

// FuzzPost wants no panic, a ledger that closes and an answer that agrees with
// it, whatever a body holds.
func FuzzPost(f *testing.F) {
	text := numberedBody("n", 30)
	f.Add([]byte(text), uint8(0), uint64(1), uint16(1000))
	f.Add(gzipped(f, text), uint8(1), uint64(2), uint16(1000))
	f.Add(zstded(f, text), uint8(2), uint64(3), uint16(8))
	f.Add(join(skippable, zstded(f, text)), uint8(2), uint64(3), uint16(8))
	f.Add(gzipped(f, text), uint8(0), uint64(4), uint16(1))
	f.Fuzz(func(t *testing.T, body []byte, encoding uint8, random uint64, maxBytes uint16) {
		rng := rand.New(rand.NewPCG(random, 0))
		b := NewBodies(Config{Rule: pipeline.DefaultLaneRule(), MaxRecordBytes: 1 + int(maxBytes)}, BodyLimits{MaxBytes: 1 << 20})
		s := &served{t: t, bodies: b, sink: &bodySink{}, capacity: 1 + rng.IntN(300)}
		s.start()
		got, err := b.Post(t.Context(), &raggedReader{data: body, rng: rng, max: 1 + rng.IntN(10_000)}, pipeline.PostOptions{
			Encoding: []string{"", "gzip", "zstd", "br"}[encoding%4],
			Timeout:  time.Duration(rng.IntN(2)) * time.Hour,
		})
		l := s.end()
		if got.Accepted != l.Accepted || got.Persisted != l.Persisted || got.Dead != l.Dead || got.Accepted != got.Persisted+got.Dead {
			t.Errorf("the answer is %+v, the ledger %+v, error %v", got, l.Counts, err)
		}
		if err == nil && len(got.Refused) > 0 {
			t.Errorf("refused %v without an error", got.Refused)
		}
	})
}
