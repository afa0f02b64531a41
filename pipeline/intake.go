package pipeline

import (
	"context"
	"fmt"
	"time"
)

// recordCost is what the account charges a record on entry beside its bytes:
// the record itself and an index and overlay of common size. What a batch
// needs beyond that is overdrawn when it is known.
const recordCost = 512

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

	chunk   *Chunk
	entry   *chunkEntry
	pending [LaneCount][]*Batch
	scratch []Node
}

// ruleSpan is a lane rule in force up to a position; until is 0 for no end.
type ruleSpan struct {
	until   int64
	rule    LaneRule
	chooser laneChooser
}

// Intake implements Feed.
func (p *Pipeline) Intake(start Progress, rule LaneRule) (*Intake, error) {
	spans, err := ruleSpans(start, rule)
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

// ruleSpans keeps the stored rules for what lies below the highest settled
// position, so that a lane's position still says which records it has had, and
// puts the new rule above.
func ruleSpans(start Progress, rule LaneRule) ([]ruleSpan, error) {
	var kept []RuleSpan
	from := start.Frontier
	for _, s := range start.Rules {
		if s.Until == 0 || s.Until > start.High {
			s.Until = start.High
		}
		if s.Until > from {
			kept = append(kept, s)
			from = s.Until
		}
	}
	for len(kept) > 0 && kept[len(kept)-1].Rule.equal(rule) {
		kept = kept[:len(kept)-1] // the new rule says the same there
	}
	var spans []ruleSpan
	for _, s := range append(kept, RuleSpan{Rule: rule}) {
		chooser, err := s.Rule.compile()
		if err != nil {
			return nil, fmt.Errorf("lane rule of %s: %w", start.Name, err)
		}
		spans = append(spans, ruleSpan{until: s.Until, rule: s.Rule, chooser: chooser})
	}
	return spans, nil
}

// Begin takes over the chunk, whose Start and End are set.
func (in *Intake) Begin(c *Chunk) {
	in.chunk = c
	if in.tracker != nil {
		in.entry = in.tracker.begin(c)
	}
}

// Add takes one line, a view into the chunk's bytes without its line end, that
// starts at position and is the line-th of the source. It blocks on nothing.
func (in *Intake) Add(raw []byte, position, line int64) {
	span := in.spanAt(position)
	if span.rule.Field == "" {
		in.add(span.rule.Default, raw, position, line, int64(len(raw)))
		return
	}
	nodes, scanErr := Scan(in.scratch[:0], raw, in.p.cfg.MaxDepth)
	in.scratch = nodes
	lane := span.rule.Default
	if scanErr == nil {
		lane = span.chooser.lane(NewValue(raw, nodes))
	}
	if r := in.add(lane, raw, position, line, int64(len(raw))); r != nil {
		r.adopt(nodes, scanErr)
	}
}

// AddTooLong takes a line of size bytes of which only raw was kept. It becomes
// a dead letter with CodeTooLong.
func (in *Intake) AddTooLong(raw []byte, position, line, size int64) {
	r := in.add(in.spanAt(position).rule.Default, raw, position, line, size)
	if r == nil {
		return
	}
	r.Reject(&RecordError{Stage: "ingest", Code: CodeTooLong, Message: fmt.Sprintf(
		"the line is %d bytes long; at most %d (source.max_record_bytes) are taken, and its first %d are kept here",
		size, in.p.cfg.MaxRecordBytes, len(raw))})
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
		if s := &in.spans[i]; s.until == 0 || position < s.until {
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
	c := in.chunk
	count, shares := in.divide(c)
	if in.tracker != nil {
		in.tracker.framed(in.entry, count)
	}
	if !in.yields {
		ctx = in.p.hard
	}
	var first error
	for l := range in.pending {
		if err := in.flushLane(ctx, c, Lane(l), shares[l]); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// flushLane sends the batches of one lane.
func (in *Intake) flushLane(ctx context.Context, c *Chunk, lane Lane, share int64) (err error) {
	batches := in.pending[lane]
	if share > 0 {
		err = c.charge(ctx, lane, share)
	}
	for i, b := range batches {
		batches[i] = nil
		if err == nil {
			err = in.p.send(ctx, b)
		}
		if err != nil {
			in.giveUp(b)
		}
	}
	in.pending[lane] = batches[:0]
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
// copied out, the others share its cost by what they use. It returns the number
// of batches and the lanes' shares in bytes.
func (in *Intake) divide(c *Chunk) (count int, shares [LaneCount]int64) {
	in.chunk = nil
	var total int64
	for lane, batches := range in.pending {
		count += len(batches)
		for _, b := range batches {
			shares[lane] += int64(b.rawBytes)
		}
		if shares[lane]*4 < int64(cap(c.Bytes)) {
			shares[lane] = 0
		}
		total += shares[lane]
	}
	c.budget = in.p.budget
	now := time.Now()
	for lane, batches := range in.pending {
		for _, b := range batches {
			b.read, b.entry = now, in.entry
			if shares[lane] == 0 {
				b.copyOut()
				continue
			}
			b.chunk = c
			c.refs[lane]++
		}
		if shares[lane] > 0 {
			shares[lane] = int64(cap(c.Bytes)) * shares[lane] / total
		}
	}
	if total == 0 {
		c.Release()
	}
	return count, shares
}

// equal says whether two rules choose alike.
func (r LaneRule) equal(o LaneRule) bool {
	if r.Field != o.Field || r.Default != o.Default || len(r.Map) != len(o.Map) {
		return false
	}
	for k, lane := range r.Map {
		if other, ok := o.Map[k]; !ok || other != lane {
			return false
		}
	}
	return true
}
