package schema

import (
	"hash/maphash"
	"slices"
	"sync"

	"sluice/pipeline"
)

// run is one check of one value. It lives on the stack; what it has to put down
// somewhere is in its scratch, taken when it is first needed.
type run struct {
	src       []byte
	nodes     []pipeline.Node
	reference Reference
	unknown   bool // whether the reference could not judge a part
	*scratch
}

// scratch is memory that is used again. For one goroutine at a time.
type scratch struct {
	buf     []byte           // a stack of unescaped texts
	canon   []byte           // canonical texts
	words   []uint64         // a stack of bit sets
	members []uint32         // a stack of members to be sorted
	table   []entry          // of members by key or items by value
	dead    []uint64         // two bit sets of nodes: overridden members, and objects whose are known
	key     [1]pipeline.Node // a key as a value
	memo    memo
}

// The most that a scratch keeps for the next record.
const (
	keptBytes = 64 << 10
	keptWords = 8 << 10
)

var scratches = sync.Pool{New: func() any { return new(scratch) }}

var hashSeed = maphash.MakeSeed()

// room returns the run's scratch.
func (r *run) room() *scratch {
	if r.scratch == nil {
		r.scratch = scratches.Get().(*scratch)
	}
	return r.scratch
}

// end gives the scratch back. After a panic it is not used again.
func (r *run) end() {
	s := r.scratch
	if s == nil {
		return
	}
	s.buf, s.canon, s.words, s.members = s.buf[:0], s.canon[:0], s.words[:0], s.members[:0]
	clear(s.dead)
	s.dead = s.dead[:0]
	if cap(s.buf)+cap(s.canon) > keptBytes {
		s.buf, s.canon = nil, nil
	}
	if cap(s.words)+cap(s.dead)+cap(s.members)+cap(s.table) > keptWords {
		s.words, s.dead, s.members, s.table = nil, nil, nil, nil
	}
	s.memo.end()
	scratches.Put(s)
}

// value returns the value at a node.
func (r *run) value(at uint32) pipeline.Value {
	return pipeline.NewValue(r.src, r.nodes).Node(at)
}

// push puts the unescaped text of a string on the stack of texts. mark is what
// pop takes to free it.
func (r *run) push(at uint32) (text []byte, mark int) {
	s := r.room()
	mark = len(s.buf)
	n := &r.nodes[at]
	s.buf = r.value(at).AppendText(slices.Grow(s.buf, int(n.End-n.Start)))
	return s.buf[mark:], mark
}

// pushKey does the same for a member's key.
func (r *run) pushKey(at uint32) (text []byte, mark int) {
	s := r.room()
	mark = len(s.buf)
	key := [1]pipeline.Node{r.nodes[at].KeyNode()}
	s.buf = pipeline.NewValue(r.src, key[:]).AppendText(s.buf)
	return s.buf[mark:], mark
}

func (r *run) pop(mark int) { r.scratch.buf = r.scratch.buf[:mark] }
