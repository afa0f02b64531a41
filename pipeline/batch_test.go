package pipeline

import "testing"

func TestABatchTakesMemoryForManyRecordsOnlyWhenItHasThem(t *testing.T) {
	b := newBatch(LaneHigh)
	for i := range MaxBatchRecords {
		want := smallBatch
		if i >= smallBatch {
			want = MaxBatchRecords
		}
		b.add([]byte("{}"), int64(i), int64(i+1), 2)
		if cap(b.records) != want {
			t.Fatalf("with %d records it has room for %d, want %d", b.Len(), cap(b.records), want)
		}
	}
	for i := range b.Len() {
		if r := b.Record(i); r.Line() != int64(i+1) || r.batch != b || r.Lane() != LaneHigh {
			t.Fatalf("record %d is line %d of another batch", i, r.Line())
		}
	}
	b.release()
}
