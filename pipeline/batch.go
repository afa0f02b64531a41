package pipeline

import (
	"iter"
	"sync"
	"time"
	"unsafe"
)

// The bounds of a batch. One record larger than MaxBatchBytes travels alone.
const (
	MaxBatchRecords = 256
	MaxBatchBytes   = 256 << 10
)

// Batch is a run of records of one lane out of one chunk, in order: the unit
// that channels carry, stages process and sinks commit. It stays whole from
// frame to sink; a record that dies or is filtered stays in it as such. A batch
// has one owner at a time.
type Batch struct {
	lane     Lane
	records  []Record
	nodes    []Node // indexes of all records
	edits    []edit // overlays of all records
	stale    int    // edits that the batch's last use has left, and what they hold on to
	text     []byte // bytes that overlays and copied-out records need
	dead     int
	filtered int
	dropped  int  // counted already where that happened
	spent    bool // a full mode or a rate limit has dropped the live ones: it takes no room, and stays for its dead letters
	rawBytes int

	intake  *Intake
	entry   *chunkEntry // the chunk's place in the intake's tracking
	chunk   *Chunk      // nil once copied out
	share   int64       // bytes of the chunk that are charged with the batch
	entered bool        // it is, or was, in the pipeline
	charge  charge
	read    time.Time // when its chunk was framed
	queued  time.Time // when it entered the channel it waits in

	cursor  cursor
	counted counted
	// Payload is the owner's to use: what an encoding stage prepares for its
	// sink. Whoever sets it takes it back before the batch is released, which
	// forgets it.
	Payload any
}

// smallBatch is the most records of a batch that takes little memory of its own:
// many senders of one record each make thousands of batches.
const smallBatch = 16

var batchPool = sync.Pool{New: func() any {
	return &Batch{records: make([]Record, 0, MaxBatchRecords)}
}}

var smallBatchPool = sync.Pool{New: func() any {
	return &Batch{records: make([]Record, 0, smallBatch)}
}}

// newBatch returns an empty batch, which has memory for a few records at first.
func newBatch(lane Lane) *Batch {
	b := smallBatchPool.Get().(*Batch)
	b.lane = lane
	b.cursor.reset()
	return b
}

// enlarge makes room for as many records as a batch can have.
func (b *Batch) enlarge() {
	large := batchPool.Get().(*Batch)
	small := b.records
	b.records = append(large.records[:0], small...)
	clear(small)
	large.records = small[:0]
	smallBatchPool.Put(large)
}

// Lane returns the lane of all the batch's records.
func (b *Batch) Lane() Lane { return b.lane }

// Len returns the number of records, dead and filtered ones included.
func (b *Batch) Len() int { return len(b.records) }

// Live returns the number of records that are not dead, filtered or dropped.
func (b *Batch) Live() int { return len(b.records) - b.dead - b.filtered - b.dropped }

// room is how many records it counts for in a lane's capacity.
func (b *Batch) room() int {
	if b.spent {
		return 0
	}
	return len(b.records)
}

// open is how many of its records the ledger still has in flight.
func (b *Batch) open() int { return len(b.records) - b.dropped }

// Dead returns the number of dead records.
func (b *Batch) Dead() int { return b.dead }

// Filtered returns the number of filtered records.
func (b *Batch) Filtered() int { return b.filtered }

// Read returns when the batch's records were framed.
func (b *Batch) Read() time.Time { return b.read }

// Record returns record i, live or not. Ranging over indices moves no cursor;
// stages use Each.
func (b *Batch) Record(i int) *Record { return &b.records[i] }

// Each iterates over the live records in order and moves the batch's cursor
// along, so that a record that panics can be told from its batch mates. When
// Process is called again after such a failure, its ranges that had finished
// yield nothing and the broken one goes on after the record at fault.
func (b *Batch) Each() iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		from, to := b.cursor.begin(len(b.records))
		for i := from; i < to; i++ {
			r := &b.records[i]
			if r.state != stateLive {
				continue
			}
			b.cursor.at = i
			if !yield(r) {
				return // the cursor stays: a stage that returns an error from the loop means this record
			}
		}
		b.cursor.end()
	}
}

// DeadRecords iterates over the dead records in order.
func (b *Batch) DeadRecords() iter.Seq[*Record] {
	return func(yield func(*Record) bool) {
		for i := range b.records {
			if r := &b.records[i]; r.state == stateDead && !yield(r) {
				return
			}
		}
	}
}

func (b *Batch) sourceName() string {
	if b.intake == nil {
		return ""
	}
	return b.intake.start.Name
}

// end is the position below which every record of the lane that the batch's
// source has sent so far starts.
func (b *Batch) end() int64 {
	last := &b.records[len(b.records)-1]
	return last.position + last.size
}

// add appends a record. raw must stay unchanged while the batch lives, or be
// copied out before its buffer changes.
func (b *Batch) add(raw []byte, position, line, size int64) *Record {
	if len(b.records) == smallBatch && cap(b.records) == smallBatch {
		b.enlarge()
	}
	b.records = append(b.records, Record{
		batch: b, raw: raw, position: position, line: line, size: size,
		editFirst: -1, editLast: -1,
	})
	b.rawBytes += len(raw)
	return &b.records[len(b.records)-1]
}

// fits says whether another record of n bytes may join.
func (b *Batch) fits(n, maxRecords int) bool {
	return len(b.records) < min(maxRecords, MaxBatchRecords) && b.rawBytes+n <= MaxBatchBytes
}

// scan indexes r into the batch's arena.
func (b *Batch) scan(r *Record, maxDepth int) {
	lo := len(b.nodes)
	nodes, err := Scan(b.nodes, r.raw, maxDepth)
	b.nodes = nodes
	r.scanned = true
	if err != nil {
		b.nodes = nodes[:lo]
		r.err = err
		return
	}
	r.nodeLo, r.nodeHi = uint32(lo), uint32(len(nodes))
}

// adopt takes over an index, or the scanner's error, that was made before the
// record had a batch.
func (r *Record) adopt(nodes []Node, err *RecordError) {
	b := r.batch
	r.scanned, r.err = true, err
	if err != nil {
		return
	}
	lo := len(b.nodes)
	b.nodes = append(b.nodes, nodes...)
	r.nodeLo, r.nodeHi = uint32(lo), uint32(len(b.nodes))
}

// Sized is implemented by a Payload that says how much memory it takes.
type Sized interface {
	Size() int64 // bytes
}

// memory is what the batch holds beside its chunk, in bytes.
func (b *Batch) memory() int64 {
	n := b.recordsMemory() + b.nodesMemory() +
		int64(len(b.edits))*int64(unsafe.Sizeof(edit{})) +
		int64(len(b.text))
	if p, ok := b.Payload.(Sized); ok {
		n += p.Size()
	}
	return n
}

// entryCost is what the account charges for the batch at the intake.
func (b *Batch) entryCost() int64 {
	n := batchCost + b.recordsMemory() + int64(len(b.records))*recordCost + max(int64(b.rawBytes), b.nodesMemory())
	if b.chunk == nil {
		n += int64(len(b.text))
	}
	return n
}

func (b *Batch) recordsMemory() int64 { return int64(cap(b.records)) * int64(unsafe.Sizeof(Record{})) }

func (b *Batch) nodesMemory() int64 { return int64(len(b.nodes)) * int64(unsafe.Sizeof(Node{})) }

// copyOut moves the records' bytes into the batch's own memory, so that the
// chunk can go.
func (b *Batch) copyOut() {
	for i := range b.records {
		r := &b.records[i]
		lo := len(b.text)
		b.text = append(b.text, r.raw...)
		r.raw = b.text[lo:len(b.text):len(b.text)]
	}
}

// dropLive drops the live records, which leaves the dead ones to travel on.
func (b *Batch) dropLive() {
	for i := range b.records {
		if r := &b.records[i]; r.state == stateLive {
			r.state = stateDropped
			b.dropped++
		}
	}
}

// release gives the batch's memory back. The owner calls it once, last.
func (b *Batch) release() {
	b.charge.repay()
	if b.chunk != nil {
		b.chunk.leave(b.lane, b.entered)
	}
	clear(b.records)
	keep := len(b.edits) // what these hold on to is let go of when they are written over, or by the next release
	// An arena that one odd record made large is not kept for the next batch.
	if cap(b.nodes) > 1<<16 {
		b.nodes = nil
	}
	if cap(b.text) > 1<<20 {
		b.text, keep = nil, 0
	}
	if keep < max(len(b.edits), b.stale) {
		clear(b.edits[keep:max(len(b.edits), b.stale)])
	}
	*b = Batch{records: b.records[:0], nodes: b.nodes[:0], edits: b.edits[:0], text: b.text[:0], stale: keep}
	switch cap(b.records) {
	case MaxBatchRecords:
		batchPool.Put(b)
	case smallBatch:
		smallBatchPool.Put(b)
	}
}

// NewBatch makes a batch of the given lines, for tests of stages and sinks of
// one's own. The records' positions are those of the lines one after another.
func NewBatch(lane Lane, lines ...string) *Batch {
	b := newBatch(lane)
	var position int64
	for i, line := range lines {
		b.add([]byte(line), position, int64(i+1), int64(len(line)))
		position += int64(len(line)) + 1
	}
	return b
}
