package pipeline

import (
	"context"
	"testing"
)

// BenchmarkChannelHop is one batch through one channel, write and read.
func BenchmarkChannelHop(b *testing.B) {
	c := NewChannel(ChannelConfig{})
	batch := batchOf(LaneNormal, 0, MaxBatchRecords)
	b.ReportAllocs()
	for b.Loop() {
		if err := c.TryWrite(batch); err != nil {
			b.Fatal(err)
		}
		if _, err := c.TryRead(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/MaxBatchRecords, "ns/record")
}

// nullSink settles everything at once and keeps nothing.
type nullSink struct{}

func (nullSink) Write(context.Context, *Group) (bool, error) { return true, nil }
func (nullSink) Flush(context.Context) error                 { return nil }

// endless feeds n chunks of the same lines.
type endless struct {
	chunks int
	lines  []byte
}

func (s endless) Run(ctx context.Context, feed Feed) error {
	in, err := feed.Intake(Progress{}, DefaultLaneRule())
	if err != nil {
		return err
	}
	for range s.chunks {
		c := NewChunk()
		c.Bytes = append(c.Bytes, s.lines...)
		in.Begin(c)
		for i := 0; i+64 <= len(c.Bytes); i += 64 {
			in.Add(c.Bytes[i:i+63], int64(i), 1)
		}
		if err := in.Flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkPoolHop is records of 64 bytes through three stages that do nothing
// into a sink that does nothing: what lanes, channels, pools, budget and ledger
// cost a record.
func BenchmarkPoolHop(b *testing.B) {
	lines := make([]byte, ChunkSize)
	b.ReportAllocs()
	chunks := b.N/(ChunkSize/64) + 1
	p, err := New(Config{Sink: nullSink{}, Stages: []StageConfig{{Name: "a"}, {Name: "b"}, {Name: "c"}}})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	if err := p.Run(b.Context(), endless{chunks, lines}); err != nil {
		b.Fatal(err)
	}
}
