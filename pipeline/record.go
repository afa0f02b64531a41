package pipeline

// state is what has become of a record inside its batch.
type state uint8

const (
	stateLive state = iota
	stateDead
	stateFiltered
	stateDropped
)

// Record is one NDJSON line on its way: its raw bytes, the index made of them
// once, and an overlay of what enrichment changed. A Record belongs to its
// Batch: it is valid while a stage holds the batch, for the one goroutine that
// runs the stage.
type Record struct {
	batch     *Batch
	raw       []byte
	err       *RecordError // why it is dead, or what the scanner said
	position  int64        // offset of its first byte in the source
	line      int64        // 1-based, blank lines counted
	size      int64        // bytes of the line in the source; more than len(raw) where raw was cut
	nodeLo    uint32       // its index in batch.nodes
	nodeHi    uint32
	editFirst int32 // its overlay in batch.edits, -1 when there is none
	editLast  int32
	keys      keySet // of the text's top level, made when it is first needed
	state     state
	scanned   bool
}

// Raw returns the line as it came in, without its line end.
func (r *Record) Raw() []byte { return r.raw }

// Lane returns the lane the record travels in.
func (r *Record) Lane() Lane { return r.batch.lane }

// Position returns the offset of the line's first byte in its source, counted
// in decompressed bytes.
func (r *Record) Position() int64 { return r.position }

// Line returns the line's number in its source, from 1.
func (r *Record) Line() int64 { return r.line }

// Source returns what a person calls the record's source: a path, or stdin.
func (r *Record) Source() string { return r.batch.sourceName() }

// Size returns the bytes the line had in its source. It is more than len(Raw)
// only for a record that was too long to be kept whole.
func (r *Record) Size() int64 { return r.size }

// Index makes the record's index if it has none yet. The error, the same each
// time, says why the line is not an acceptable JSON text; it does not reject
// the record.
func (r *Record) Index(maxDepth int) *RecordError {
	if !r.scanned {
		r.batch.scan(r, maxDepth)
	}
	if r.state == stateDead {
		return nil
	}
	return r.err
}

// Root returns the record as it came in, without its overlay; the zero Value
// when it was not indexed or is not JSON.
func (r *Record) Root() Value {
	if r.nodeLo == r.nodeHi {
		return Value{}
	}
	return NewValue(r.raw, r.batch.nodes[r.nodeLo:r.nodeHi])
}

// Reject makes the record a dead letter. The first reason stands; later calls
// change nothing.
func (r *Record) Reject(err *RecordError) {
	if r.state != stateLive {
		return
	}
	r.state, r.err = stateDead, err
	r.batch.dead++
}

// Filter takes the record out on purpose: it will be neither a row nor a dead
// letter, and is counted.
func (r *Record) Filter() {
	if r.state != stateLive {
		return
	}
	r.state = stateFiltered
	r.batch.filtered++
}

// Live says whether the record is not dead, filtered or dropped.
func (r *Record) Live() bool { return r.state == stateLive }

// Err returns why a dead record is dead, nil for a live one.
func (r *Record) Err() *RecordError {
	if r.state != stateDead {
		return nil
	}
	return r.err
}
