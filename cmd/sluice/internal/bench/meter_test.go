package bench

import (
	"testing"
	"time"

	"sluice/pipeline"
)

func TestDroppedRecordsHaveNoLatency(t *testing.T) {
	batch := func(code pipeline.Code, dead int) *pipeline.Batch {
		b := pipeline.NewBatch(pipeline.LaneLow, "{}", "{}", "{}")
		for i := range dead {
			b.Record(i).Reject(&pipeline.RecordError{Code: code})
		}
		return b
	}
	for name, tt := range map[string]struct {
		batch *pipeline.Batch
		want  int64
	}{
		"of a batch that lives":               {batch("", 0), 3},
		"of one with dead letters":            {batch(pipeline.CodeSchema, 2), 3},
		"of one with nothing else":            {batch(pipeline.CodeSchema, 3), 3},
		"of one that was dropped":             {batch(pipeline.DropOldest.Code(), 3), 0},
		"of one that was refused by its lane": {batch(pipeline.DropWrite.Code(), 3), 0},
	} {
		t.Run(name, func(t *testing.T) {
			var m meter
			m.expect(pipeline.LaneLow, &schedule{start: time.Now(), rate: 1000})
			m.batch(tt.batch)
			m.Settled(pipeline.LaneLow, 0)
			if got := m.lanes[pipeline.LaneLow].latency.times().Count; got != tt.want {
				t.Errorf("%d latencies, want %d", got, tt.want)
			}
		})
	}
}

func TestMeteringDoesNotAllocate(t *testing.T) {
	var m meter
	m.expect(pipeline.LaneLow, &schedule{start: time.Now(), rate: 1e6})
	lines := make([]string, pipeline.MaxBatchRecords)
	b := pipeline.NewBatch(pipeline.LaneLow, lines...)
	if n := testing.AllocsPerRun(100, func() {
		m.batch(b)
		m.Settled(pipeline.LaneLow, 0)
	}); n != 0 {
		t.Errorf("%v allocations a batch", n)
	}
}

// BenchmarkMeter is what metering costs a record; an operation is one.
func BenchmarkMeter(b *testing.B) {
	var m meter
	m.expect(pipeline.LaneLow, &schedule{start: time.Now(), rate: 1e6})
	batch := pipeline.NewBatch(pipeline.LaneLow, make([]string, pipeline.MaxBatchRecords)...)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if i%pipeline.MaxBatchRecords == 0 {
			m.batch(batch)
			m.Settled(pipeline.LaneLow, 0)
		}
	}
}
