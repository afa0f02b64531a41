package pipeline

import "sync"

// tracker follows the chunks of one durable input from the read to the sink and
// knows how far all lanes are through. The frontier moves from chunk to chunk:
// one that is a little low costs a restart some lines to skip, nothing else.
type tracker struct {
	mu    sync.Mutex // guards what follows
	start Progress   // identity and name
	lanes [LaneCount]int64
	high  int64
	at    Point // end of the last chunk that was begun and of all before it
	open  ring[*chunkEntry]
	spans []ruleSpan
}

// chunkEntry is a chunk that has batches under way.
type chunkEntry struct {
	start   Point
	pending int // batches not yet in the sink; one more while it is framed
}

func newTracker(start Progress, spans []ruleSpan) *tracker {
	return &tracker{
		start: start, lanes: start.Lanes, high: start.High, spans: spans,
		at: Point{Position: start.Frontier, Line: start.Line, Mark: start.Mark},
	}
}

// begin opens the entry of the next chunk.
func (t *tracker) begin(c *Chunk) *chunkEntry {
	e := &chunkEntry{start: c.Start, pending: 1}
	t.mu.Lock()
	defer t.mu.Unlock()
	if e.start.Position < t.at.Position {
		e.start = t.at // the frontier never goes back, whatever the source reads again
	}
	t.open.push(e)
	t.at = c.End
	return e
}

// framed says how many batches the chunk gave.
func (t *tracker) framed(e *chunkEntry, batches int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e.pending += batches - 1
	t.trimLocked()
}

// drop counts a batch as dropped on the way. Its lane's position stays: what
// stands in for it is the frontier, which passes the chunk when nothing of it is
// under way.
func (t *tracker) drop(b *Batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b.entry.pending--
	t.trimLocked()
}

// recount changes the number of a chunk's batches: one was divided, or let go.
func (t *tracker) recount(e *chunkEntry, by int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e.pending += by
	t.trimLocked()
}

// advance counts a batch as in the sink.
func (t *tracker) advance(b *Batch) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lanes[b.lane] = max(t.lanes[b.lane], b.end())
	t.high = max(t.high, t.lanes[b.lane])
	b.entry.pending--
	t.trimLocked()
}

func (t *tracker) trimLocked() {
	for t.open.len() > 0 && (*t.open.at(0)).pending == 0 {
		t.open.pop()
	}
}

// progress returns where a restart may begin once all that advanced is stored.
func (t *tracker) progress() Progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	front := t.at
	if t.open.len() > 0 {
		front = (*t.open.at(0)).start
	}
	p := t.start
	p.Lanes, p.High = t.lanes, max(t.high, front.Position)
	p.Frontier, p.Line, p.Mark = front.Position, front.Line, front.Mark
	p.Rules = nil
	for _, s := range t.spans {
		if s.Until == 0 || s.Until > p.Frontier {
			p.Rules = append(p.Rules, s.RuleSpan)
		}
	}
	return p
}
