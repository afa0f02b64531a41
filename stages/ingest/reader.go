package ingest

import (
	"bytes"
	"errors"
	"io"
	"sync"

	"sluice/pipeline"
	"sluice/stages/crash"

	"github.com/sourcegraph/conc/panics"
)

// errReaderStopped says that halt ended the reader before its input ended.
var errReaderStopped = errors.New("reader stopped")

// maxEmptyReads is how often in a row an input may return neither bytes nor an
// error.
const maxEmptyReads = 100

// lineSlack is what a line may have beyond max_record_bytes before it is
// certain to be too long: a byte order mark, \r and \n.
const lineSlack = 5

// reader fills chunks with whole lines of one input. One goroutine runs run;
// another one, the framer's, calls next. Every line length takes time linear
// in its bytes and memory bounded by the longest record.
type reader struct {
	src    io.Reader
	keep   int  // a line longer than this is cut to this
	prompt bool // src may block: pass lines on at once rather than fill chunks
	marks  bool // chunks carry the mark of their end

	pending error         // came with bytes; what the next read returns
	scratch []byte        // where the rest of a line that was cut goes
	stop    chan struct{} // closed by halt
	ready   chan struct{} // wakes next
	taken   chan struct{} // wakes a reader whose offer was taken

	// mu guards what follows, but for the bytes of chunk beyond its length:
	// they belong to the read in progress.
	mu      sync.Mutex
	chunk   *pipeline.Chunk // being filled
	at      pipeline.Point  // the place of chunk.Bytes[lo]
	lo      int             // bytes of chunk that the framer took a copy of
	whole   int             // bytes of chunk up to the last line end
	cut     *cutLine        // the chunk is a line that was cut
	trail   trail           // what stands before at
	reading bool            // run is in src.Read
	waiting bool            // next waits, and wants the first line there is
	offered bool            // run waits until chunk is taken
	slot    piece           // handed over while next waited
	err     error           // why there is no more, once all lines are taken
}

// piece is a chunk on its way to the framer. Only its last line may lack its
// line end: because the input ended, or because the line was cut.
type piece struct {
	chunk *pipeline.Chunk
	cut   *cutLine // the last line, when it was cut
}

func newReader(src io.Reader, maxRecordBytes int, prompt, marks bool) *reader {
	return &reader{
		src: src, keep: maxRecordBytes + lineSlack, prompt: prompt, marks: marks,
		stop:  make(chan struct{}),
		ready: make(chan struct{}, 1),
		taken: make(chan struct{}, 1),
	}
}

// halt makes run return as soon as its read does. Call it once.
func (r *reader) halt() { close(r.stop) }

// run reads until the input ends, fails or halt is called. What it has read
// waits for next.
func (r *reader) run() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.chunk = pipeline.NewChunk()
	err := r.readLinesLocked()
	if err == io.EOF {
		r.whole = len(r.chunk.Bytes) // the last line needs no line end
	}
	if r.whole > 0 && err != errReaderStopped {
		if stopped := r.handLocked(); stopped != nil {
			err = stopped
		}
	}
	r.chunk.Release()
	r.chunk, r.scratch, r.err = nil, nil, err
	signal(r.ready)
}

// readLinesLocked reads until src returns an error. It leaves what is not yet
// handed over in the chunk.
func (r *reader) readLinesLocked() error {
	for {
		if err := r.makeRoomLocked(); err != nil {
			return err
		}
		b := r.chunk.Bytes
		n, err := r.readLocked(b[len(b):cap(b)])
		if err != nil {
			r.closeGapLocked()
			return err
		}
		r.acceptLocked(n)
		if r.prompt && r.waiting && r.whole > 0 {
			if err := r.handLocked(); err != nil {
				return err
			}
		}
	}
}

// readLocked reads into p without holding the lock. It returns bytes or an
// error, not both.
func (r *reader) readLocked(p []byte) (int, error) {
	r.reading = true
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.reading = false
	}()
	if err := r.pending; err != nil {
		return 0, err
	}
	for range maxEmptyReads {
		select {
		case <-r.stop:
			return 0, errReaderStopped
		default:
		}
		crash.Before(crash.Read)
		n, err := guardedRead(r.src, p)
		crash.After(crash.Read)
		if n > 0 {
			r.pending = err
			return n, nil
		}
		if err != nil {
			return 0, err
		}
	}
	return 0, io.ErrNoProgress
}

// guardedRead turns a panic of src, a decompressor for example, into an error.
func guardedRead(src io.Reader, p []byte) (n int, err error) {
	defer func() {
		if v := recover(); v != nil {
			caught := panics.NewRecovered(1, v)
			n, err = 0, caught.AsError()
		}
	}()
	return src.Read(p)
}

// acceptLocked makes the n bytes that were read behind the chunk part of it.
func (r *reader) acceptLocked(n int) {
	r.chunk.Bytes = r.chunk.Bytes[:len(r.chunk.Bytes)+n]
	r.closeGapLocked()
	b := r.chunk.Bytes
	fresh := len(b) - n
	if i := bytes.LastIndexByte(b[fresh:], '\n'); i >= 0 {
		r.whole = fresh + i + 1
	}
}

// closeGapLocked moves the chunk's bytes over those that the framer took. Each
// byte moves at most once while it waits for its line end.
func (r *reader) closeGapLocked() {
	if r.lo == 0 {
		return
	}
	b := r.chunk.Bytes
	r.chunk.Bytes = b[:copy(b, b[r.lo:])]
	r.whole -= r.lo
	r.lo = 0
}

// makeRoomLocked sees to it that the chunk has room to read into: it hands a
// full one over, and grows or cuts one that is full of a single line.
func (r *reader) makeRoomLocked() error {
	for len(r.chunk.Bytes) == cap(r.chunk.Bytes) {
		var err error
		switch {
		case r.whole > 0:
			err = r.handLocked()
		case len(r.chunk.Bytes) > r.keep:
			err = r.cutLocked()
		default:
			r.growLocked()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// growLocked doubles the chunk, up to what the longest line can need.
func (r *reader) growLocked() {
	b := r.chunk.Bytes
	grown := make([]byte, len(b), min(2*cap(b), max(r.keep+1, pipeline.ChunkSize)))
	copy(grown, b)
	r.chunk.Bytes = grown
}

// signal wakes the one who waits on c, now or when it next looks.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
