package ndjson

import (
	"sync"

	"sluice/pipeline"
)

// lines are the rows of a batch as NDJSON: what the encoder attaches to it.
type lines struct {
	bytes []byte
	count int
}

var linesPool = sync.Pool{New: func() any { return new(lines) }}

// maxKept is the largest buffer that is kept for the next batch.
const maxKept = 1 << 20

func (l *lines) release() {
	if cap(l.bytes) > maxKept {
		l.bytes = nil
	}
	l.bytes, l.count = l.bytes[:0], 0
	linesPool.Put(l)
}

// Size implements pipeline.Sized: the lines count in the budget until the sink
// has them.
func (l *lines) Size() int64 { return int64(cap(l.bytes)) }

var _ pipeline.Sized = (*lines)(nil)

// parts are the lines of a group, where its batches hold them.
type parts struct {
	bytes [][]byte // of each batch that has some
	size  int64    // of all together
}

// collect looks at the lines of a group's batches, in order. They stay the
// batches', so that the group can be written again.
func (p *parts) collect(g *pipeline.Group) error {
	p.bytes, p.size = p.bytes[:0], 0
	for _, b := range g.Batches {
		l, _ := b.Payload.(*lines)
		switch {
		case l == nil && b.Live() == 0:
			continue
		case l == nil || l.count != b.Live():
			return errNotEncoded
		}
		if len(l.bytes) > 0 {
			p.bytes = append(p.bytes, l.bytes)
			p.size += int64(len(l.bytes))
		}
	}
	return nil
}

// release takes the lines off a group's batches.
func (p *parts) release(g *pipeline.Group) {
	clear(p.bytes)
	p.bytes, p.size = p.bytes[:0], 0
	for _, b := range g.Batches {
		if l, ok := b.Payload.(*lines); ok {
			b.Payload = nil
			l.release()
		}
	}
}
