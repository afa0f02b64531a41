package pipeline

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// What the account charges on entry beside the records of a batch and their
// bytes, with as much again for their index or, where there is one already, what
// that takes. What a batch needs beyond that is overdrawn when it is known.
const (
	recordCost = 416     // an overlay of common size
	batchCost  = 2 << 10 // the batch itself and, where it comes alone, its intake and receipt
)

// scratchPool has the indexes that intakes make before a record has a batch. An
// intake lives as long as what it sent in, so it keeps none.
var scratchPool = sync.Pool{New: func() any { return new([]Node) }}

// Intake is the way in for one input: it turns lines into batches by lane,
// skips what earlier runs have settled, and holds the source back while there
// is no room. For one goroutine.
//
// A source calls Begin with a chunk, Add for each of its lines that is not
// blank, and Flush. Those three handle one chunk; nothing of it reaches the
// pipeline before Flush.
type Intake struct {
	p       *Pipeline
	start   Progress
	spans   []ruleSpan
	tracker *tracker // nil for an input that cannot be read again
	receipt *Receipt // nil when nobody follows
	yields  bool     // unsent batches are given up when the context ends
	refused []int64  // lines of batches that were given up
	replays bool     // the lines are dead letters, and their numbers the ids
	skip    int      // stages that the records pass untouched

	chunk   *Chunk
	entry   *chunkEntry
	claim   rateClaim // at the rate limits
	pending [LaneCount][]*Batch
	scratch *[]Node // nil but while it handles a chunk
}

// Intake implements Feed.
func (p *Pipeline) Intake(start Progress, rule LaneRule) (*Intake, error) {
	spans, err := ruleSpans(start, RuleSpan{Rule: rule, MaxRecordBytes: p.cfg.MaxRecordBytes, MaxDepth: p.cfg.MaxDepth})
	if err != nil {
		return nil, err
	}
	in := &Intake{p: p, start: start, spans: spans}
	if start.Source != "" {
		in.tracker = newTracker(start, spans)
		in.yields = true
	}
	return in, nil
}

// Begin takes over the chunk, whose Start and End are set.
func (in *Intake) Begin(c *Chunk) {
	in.chunk = c
	if in.tracker != nil {
		in.entry = in.tracker.begin(c)
	}
}

// Add takes one line, a view into the chunk's bytes without its line end, that
// starts at position and is the line-th of the source. It blocks on nothing. A
// line longer than MaxRecordBytes becomes a dead letter that keeps so much of it.
func (in *Intake) Add(raw []byte, position, line int64) {
	in.take(raw, position, line, int64(len(raw)))
}

// AddTooLong takes a line of size bytes of which only the first were kept,
// at least LineLimit. It becomes a dead letter with CodeTooLong.
func (in *Intake) AddTooLong(raw []byte, position, line, size int64) {
	in.take(raw, position, line, size)
}

// take finds the record's lane as the span at its position has it, and rejects
// what is too long now.
func (in *Intake) take(raw []byte, position, line, size int64) {
	span := in.spanAt(position)
	lane, nodes, scanErr := span.Rule.Default, []Node(nil), (*RecordError)(nil)
	scanned := span.Rule.Field != "" && size <= int64(span.MaxRecordBytes)
	if scanned {
		nodes, scanErr = in.scan(raw, span.MaxDepth)
		if scanErr == nil {
			lane = span.chooser.lane(NewValue(raw, nodes))
		}
	}
	limit := in.p.cfg.MaxRecordBytes
	if size > int64(limit) {
		raw = raw[:min(limit, len(raw))]
	}
	r := in.add(lane, raw, position, line, size)
	switch {
	case r == nil:
	case size > int64(limit):
		r.Reject(tooLong(size, limit, len(raw)))
	case scanned && span.MaxDepth == in.p.cfg.MaxDepth:
		r.adopt(nodes, scanErr)
	}
}

// scan indexes a line in memory that the next call uses again.
func (in *Intake) scan(raw []byte, maxDepth int) ([]Node, *RecordError) {
	if in.scratch == nil {
		in.scratch = scratchPool.Get().(*[]Node)
	}
	nodes, err := Scan((*in.scratch)[:0], raw, maxDepth)
	*in.scratch = nodes
	return nodes, err
}

func tooLong(size int64, limit, kept int) *RecordError {
	return &RecordError{Stage: "ingest", Code: CodeTooLong, Message: fmt.Sprintf(
		"the line is %d bytes long; at most %d (source.max_record_bytes) are taken, and its first %d are kept here",
		size, limit, kept)}
}

// add appends to the lane's last batch; nil when an earlier run has settled the
// record.
func (in *Intake) add(lane Lane, raw []byte, position, line, size int64) *Record {
	if position < max(in.start.Frontier, in.start.Lanes[lane]) {
		return nil
	}
	batches := in.pending[lane]
	if n := len(batches); n == 0 || !batches[n-1].fits(len(raw), in.p.batchMax[lane]) {
		b := newBatch(lane)
		b.intake = in
		in.pending[lane] = append(batches, b)
	}
	batches = in.pending[lane]
	return batches[len(batches)-1].add(raw, position, line, size)
}

func (in *Intake) spanAt(position int64) *ruleSpan {
	for i := range in.spans {
		if s := &in.spans[i]; s.Until == 0 || position < s.Until {
			return s
		}
	}
	return &in.spans[len(in.spans)-1]
}

// Yield makes Flush give up what finds no room before its context ends, as it
// does for a durable input, and remember its lines: for a sender that is told so
// and can send them again.
func (in *Intake) Yield() { in.yields = true }

// Refused returns the lines that Flush has given up so far.
func (in *Intake) Refused() []int64 { return in.refused }

// Flush sends the chunk's batches, the most urgent lane first. It blocks while
// a lane has no room in the first channel or in the budget. When ctx ends, the
// unsent batches of a durable input are given up, for they can be read again;
// those of any other go on until they are in or the run is cancelled hard, and
// count as left then. With a context that has ended, Flush takes in what has
// room now. After an error the source stops.
func (in *Intake) Flush(ctx context.Context) error {
	count := in.divide(in.chunk)
	in.chunk = nil
	if in.scratch != nil {
		scratchPool.Put(in.scratch)
		in.scratch = nil
	}
	if in.tracker != nil {
		in.tracker.framed(in.entry, count)
		if count == 0 {
			in.p.moved.add(in.tracker)
		}
	}
	if !in.yields {
		ctx = in.p.hard
	}
	var first error
	for lane := range in.pending {
		if err := in.flushLane(ctx, in.pending[lane]); err != nil && first == nil {
			first = err
		}
		in.pending[lane] = in.pending[lane][:0]
	}
	return first
}

// flushLane sends the batches of one lane.
func (in *Intake) flushLane(ctx context.Context, batches []*Batch) (err error) {
	for i, b := range batches {
		batches[i] = nil
		switch {
		case err != nil:
			in.giveUp(b)
		case in.p.rates.limit(b.lane):
			err = in.passLimits(ctx, b)
		default:
			err = in.sendOrGiveUp(ctx, b)
		}
	}
	return err
}

// giveUp lets go of a batch that found no way in.
func (in *Intake) giveUp(b *Batch) {
	switch {
	case !in.yields:
		in.p.ledger.accept(b)
		in.p.ledger.left(b.lane, int64(b.Len()))
	case in.tracker == nil:
		for i := range b.records {
			in.refused = append(in.refused, b.records[i].line)
		}
	}
	b.release()
}

// divide decides who holds the chunk: a lane that uses under a quarter of it is
// copied out, the batches of the others share its cost by what they use. It
// returns the number of batches.
func (in *Intake) divide(c *Chunk) (count int) {
	var holds [LaneCount]bool
	var total int64
	for lane, batches := range in.pending {
		count += len(batches)
		if used := rawBytes(batches); used*4 >= int64(cap(c.Bytes)) {
			holds[lane] = true
			total += used
		}
	}
	c.budget = in.p.budget
	now := time.Now()
	for lane, batches := range in.pending {
		for _, b := range batches {
			b.read, b.entry = now, in.entry
			if !holds[lane] {
				b.copyOut()
				continue
			}
			b.chunk, b.share = c, int64(cap(c.Bytes))*int64(b.rawBytes)/total
			c.refs++
		}
	}
	if total == 0 {
		c.Release()
	}
	return count
}

func rawBytes(batches []*Batch) (n int64) {
	for _, b := range batches {
		n += int64(b.rawBytes)
	}
	return n
}
