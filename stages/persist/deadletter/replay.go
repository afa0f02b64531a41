package deadletter

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"sluice/pipeline"
)

// Bounds of what a replay reads at once, and of the reasons that it keeps.
const (
	pageLetters = 256
	pageBytes   = 192 << 10
	keptErrors  = 100
)

// ErrNotSent says that a replay ended before all its letters were sent. The
// others are dead letters as before.
var ErrNotSent = errors.New("the replay was ended before all dead letters were sent")

// Replay sends dead letters of a store through a pipeline whose sink has them. It
// is made for one call of Send, or of Run; Result may be asked from any goroutine.
type Replay struct {
	Store          Store
	Filter         pipeline.LetterFilter
	Options        pipeline.ReplayOptions
	MaxRecordBytes int // of the pipeline
	// Passed returns how many stages of the pipeline a record that died in a stage
	// need not go through again.
	Passed func(stage string) int

	intakes map[way]*intake // Send's goroutine

	mu       sync.Mutex // guards what follows
	receipts []*pipeline.Receipt
	skipped  pipeline.ReplayResult
}

// way is how a letter goes through the pipeline.
type way struct {
	lane pipeline.Lane
	skip int
}

// intake is the way in of one way.
type intake struct {
	*pipeline.Intake
	chunk *pipeline.Chunk
	lines []lineAt
}

// lineAt is where a record lies in its chunk.
type lineAt struct {
	lo, hi   int
	id       int64
	position int64
}

// Send reads the letters that are there when it begins, a page at a time in the order
// of their ids, and returns when all are settled. It blocks while there is no room
// in the pipeline. When ctx ends, what has not gone in stays where it is and the
// error wraps ErrNotSent and the context's cause.
func (r *Replay) Send(ctx context.Context, feed pipeline.Feed) error {
	f, left, size := r.Filter, r.Filter.Limit, pageLetters
	var err error
	if f.UpTo, err = lastID(ctx, r.Store, r.Filter); err != nil {
		return err
	}
	for f.UpTo > f.After {
		f.Limit = size
		if r.Filter.Limit > 0 {
			f.Limit = min(size, left)
		}
		page, err := readPage(ctx, r.Store, f)
		if err != nil {
			return notSent(ctx, err)
		}
		if len(page) == 0 {
			break
		}
		if err := r.send(ctx, feed, page); err != nil {
			return notSent(ctx, err)
		}
		if left -= len(page); r.Filter.Limit > 0 && left <= 0 {
			break
		}
		f.After = page[len(page)-1].ID
		size = pageLetters
		if len(page) < f.Limit { // they are large
			size = min(pageLetters, 2*len(page))
		}
	}
	return r.wait(ctx)
}

// Run implements pipeline.Source: it is Send as the source of a run.
func (r *Replay) Run(ctx context.Context, feed pipeline.Feed) error {
	err := r.Send(ctx, feed)
	if ctx.Err() != nil {
		return nil // the run knows why
	}
	return err
}

func notSent(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, context.Cause(ctx))
	}
	return err
}

// send sends the letters of a page that can be sent.
func (r *Replay) send(ctx context.Context, feed pipeline.Feed, page []Stored) error {
	for i := range page {
		s := &page[i]
		raw, lane, problem := r.record(s)
		if problem != "" {
			r.skip(s, problem)
			continue
		}
		in, err := r.intake(feed, way{lane, r.passed(s.Stage)})
		if err != nil {
			return err
		}
		in.add(raw, s)
	}
	for _, in := range r.intakes {
		if err := in.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// record returns what goes in for a letter, or why nothing can.
func (r *Replay) record(s *Stored) (raw []byte, lane pipeline.Lane, problem string) {
	if s.Cut() {
		return nil, 0, "the line was too long and only its beginning was kept; take it from its source again, with a larger source.max_record_bytes"
	}
	raw, err := s.Raw()
	if err != nil {
		return nil, 0, err.Error()
	}
	if len(raw) == 0 {
		return nil, 0, "the record is empty; there is nothing to send"
	}
	if len(raw) > r.MaxRecordBytes {
		return nil, 0, fmt.Sprintf("the record has %d bytes; at most %d are taken: raise source.max_record_bytes", len(raw), r.MaxRecordBytes)
	}
	if r.Options.Lane != nil {
		return raw, *r.Options.Lane, ""
	}
	if lane, err = pipeline.ParseLane(s.Lane); err != nil {
		return nil, 0, err.Error() + "; name a lane to send it in"
	}
	return raw, lane, ""
}

func (r *Replay) skip(s *Stored, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.skipped.Skipped++
	if len(r.skipped.Errors) < keptErrors {
		r.skipped.Errors = append(r.skipped.Errors, pipeline.ReplayError{ID: s.ID, Code: pipeline.Code(s.Code), Pointer: s.Pointer, Message: why})
	}
}

func (r *Replay) passed(stage string) int {
	if !r.Options.FromFailed || r.Passed == nil {
		return 0
	}
	return r.Passed(stage)
}

// intake opens the way in for a way, once.
func (r *Replay) intake(feed pipeline.Feed, w way) (*intake, error) {
	if in, ok := r.intakes[w]; ok {
		return in, nil
	}
	opened, err := feed.Intake(pipeline.Progress{}, pipeline.LaneRule{Default: w.lane})
	if err != nil {
		return nil, err
	}
	opened.Replay(w.skip)
	opened.Yield()
	if r.intakes == nil {
		r.intakes = map[way]*intake{}
	}
	in := &intake{Intake: opened}
	r.intakes[w] = in
	r.mu.Lock()
	r.receipts = append(r.receipts, opened.Track(keptErrors))
	r.mu.Unlock()
	return in, nil
}

// add puts a record into the chunk that is being filled.
func (in *intake) add(raw []byte, s *Stored) {
	if in.chunk == nil {
		in.chunk = pipeline.NewChunk()
	}
	lo := len(in.chunk.Bytes)
	in.chunk.Bytes = append(in.chunk.Bytes, raw...)
	in.lines = append(in.lines, lineAt{lo, len(in.chunk.Bytes), s.ID, s.Position})
}

// flush sends the chunk in.
func (in *intake) flush(ctx context.Context) error {
	if in.chunk == nil {
		return nil
	}
	bytes := in.chunk.Bytes
	in.Begin(in.chunk)
	for _, l := range in.lines {
		in.Add(bytes[l.lo:l.hi:l.hi], l.position, l.id)
	}
	in.chunk, in.lines = nil, in.lines[:0]
	return in.Flush(ctx)
}

// wait waits until what was sent is settled.
func (r *Replay) wait(ctx context.Context) error {
	for _, receipt := range r.sent() {
		if err := receipt.Wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *Replay) sent() []*pipeline.Receipt {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*pipeline.Receipt(nil), r.receipts...)
}

// Result returns what has become of the letters so far.
func (r *Replay) Result() pipeline.ReplayResult {
	r.mu.Lock()
	result := r.skipped
	result.Errors = append([]pipeline.ReplayError{}, r.skipped.Errors...)
	r.mu.Unlock()
	for _, receipt := range r.sent() {
		o := receipt.Outcome()
		result.Sent += receipt.Sent()
		result.Persisted += o.Persisted
		result.Dead += o.Dead
		result.Filtered += o.Filtered
		result.Dropped += o.Dropped
		for _, e := range o.Errors {
			if len(result.Errors) < keptErrors {
				result.Errors = append(result.Errors, pipeline.ReplayError{ID: e.Line, Code: e.Code, Pointer: e.Pointer, Message: e.Message})
			}
		}
	}
	return result
}
