package bench

import (
	"strings"
	"sync"
	"time"

	"sluice/pipeline"
)

// meter takes the latency of every record from the time it was due to its
// settlement. It hears of batches when the sink has taken them over (batch) and
// again when they are settled (settled), lane by lane in the same order, and
// works out from a batch's first line when its records were due. It allocates
// nothing a record.
type meter struct {
	mu    sync.Mutex // guards what follows
	lanes [pipeline.LaneCount]laneMeter
}

type laneMeter struct {
	schedule *schedule // nil for a lane that is sent as fast as it goes
	open     []span    // taken over by the sink and not settled, from head on
	head     int
	latency  *histogram // nil for a lane that gets nothing
}

// span is a run of records that are settled together.
type span struct {
	first   int64 // the first record's number in its lane, from 0
	records int64
	read    time.Time
}

// expect says that a lane gets records, and by which schedule.
func (m *meter) expect(lane pipeline.Lane, s *schedule) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lanes[lane] = laneMeter{schedule: s, latency: newHistogram()}
}

// batch is told of each batch before its memory is released.
func (m *meter) batch(b *pipeline.Batch) {
	m.mu.Lock()
	defer m.mu.Unlock()
	l := &m.lanes[b.Lane()]
	if l.head == len(l.open) {
		l.open, l.head = l.open[:0], 0
	}
	s := span{first: b.Record(0).Line() - 1, records: int64(b.Len()), read: b.Read()}
	if dropped(b) {
		s.records = 0
	}
	l.open = append(l.open, s)
}

// dropped says whether a batch is one that a full mode has dropped and that
// travels on as dead letters. Dropping takes all that is live in a batch.
func dropped(b *pipeline.Batch) bool {
	if b.Live() > 0 {
		return false
	}
	for r := range b.DeadRecords() {
		if strings.HasPrefix(string(r.Err().Code), "dropped_") {
			return true
		}
	}
	return false
}

// Processed implements pipeline.Observer.
func (m *meter) Processed(string, pipeline.Lane, time.Duration) {}

// Settled implements pipeline.Observer.
func (m *meter) Settled(lane pipeline.Lane, _ time.Duration) {
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	l := &m.lanes[lane]
	if l.head == len(l.open) {
		return
	}
	s := l.open[l.head]
	l.head++
	l.record(s, now)
}

// record takes the latency of each record of a span. A lane without a schedule
// has no time at which a record is due but that at which it was handed over.
func (l *laneMeter) record(s span, now time.Time) {
	if l.schedule == nil {
		l.latency.add(now.Sub(s.read), s.records)
		return
	}
	for i := range s.records {
		l.latency.add(now.Sub(l.schedule.at(s.first+i)), 1)
	}
}

// observers is the meter beside the observer that a run has anyway.
type observers [2]pipeline.Observer

// Processed implements pipeline.Observer.
func (o observers) Processed(stage string, lane pipeline.Lane, d time.Duration) {
	o[0].Processed(stage, lane, d)
	o[1].Processed(stage, lane, d)
}

// Settled implements pipeline.Observer.
func (o observers) Settled(lane pipeline.Lane, latency time.Duration) {
	o[0].Settled(lane, latency)
	o[1].Settled(lane, latency)
}
