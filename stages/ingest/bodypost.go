package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"sluice/pipeline"
)

// errNoWait is why a post that would not wait found no room.
var errNoWait = errors.New("would not wait")

// expired is a context that ended because its owner would not wait.
var expired = func() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errNoWait)
	return ctx
}()

// bodyPost is one body on its way in.
type bodyPost struct {
	b       *Bodies
	run     *bodyRun
	rule    pipeline.LaneRule
	class   turnClass
	decoder bodyDecoder
	reader  *bodyReader
	framer  framer
	quota   quota

	in      *pipeline.Intake // nil before the first piece
	receipt *pipeline.Receipt
	refused refusedLines

	window int64 // taken of the memory for windows
	buffer int64 // and for buffers
}

func newBodyPost(b *Bodies, run *bodyRun, form format, body io.Reader, o pipeline.PostOptions) *bodyPost {
	p := &bodyPost{b: b, run: run}
	p.rule, p.class = b.lanes(o.Lane)
	p.framer = framer{name: "http", maxBytes: b.cfg.MaxRecordBytes, quota: &p.quota, warn: func(string) {}}
	p.decoder.reset(form, body, b.limits.Idle)
	return p
}

// close gives the memory back.
func (p *bodyPost) close() {
	p.decoder.close()
	if p.reader != nil {
		p.reader.close()
	}
	p.b.buffers.release(p.class, p.buffer)
	p.b.windows.release(p.class, p.window)
}

// takeIn reads the body and hands its lines over until its end, until ctx or
// the run ends, or until a line is refused.
func (p *bodyPost) takeIn(ctx context.Context, noWait bool) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if !p.run.join(p, cancel) {
		return pipeline.ErrNoRun
	}
	defer p.run.part(p)
	defer p.decoder.raw.follow(ctx)()
	room := ctx
	if noWait {
		room = expired
	}
	err := p.admit(room)
	if err == nil {
		err = p.pump(ctx, room)
	}
	if err == io.EOF {
		return nil
	}
	return p.explain(ctx, err)
}

// admit waits for the first bytes of the body, and then for the memory that it
// takes. A body without any is io.EOF, whatever it is called.
func (p *bodyPost) admit(room context.Context) error {
	cost, window, err := p.decoder.cost()
	if err != nil {
		return err
	}
	if err := p.b.windows.acquire(room, p.class, window); err != nil {
		return &refusal{err}
	}
	p.window = window
	cost += pieceCost
	if err := p.b.buffers.acquire(room, p.class, cost); err != nil {
		return &refusal{err}
	}
	p.buffer = cost
	p.reader = p.b.newReader(&p.decoder, p.class)
	return p.decoder.open(window)
}

// pump hands over piece after piece. It returns io.EOF when all are in.
func (p *bodyPost) pump(ctx, room context.Context) error {
	for {
		next, err := p.reader.next(ctx, room)
		if err != nil {
			return err
		}
		if err := p.hand(room, next); err != nil {
			p.refuseRest(ctx, room)
			return err
		}
	}
}

// hand hands a piece over.
func (p *bodyPost) hand(room context.Context, next piece) error {
	if err := p.checkStart(next.chunk); err != nil {
		return err
	}
	if !p.run.enter() {
		p.framer.frame(&p.refused, next)
		return &refusal{errRunEnds}
	}
	defer p.run.leave()
	if err := p.openIntake(); err != nil {
		return &refusal{err}
	}
	p.framer.frame(p.in, next)
	if err := p.in.Flush(room); err != nil {
		p.refused.lines = append(p.refused.lines, p.in.Refused()...)
		return &refusal{err}
	}
	return nil
}

// checkStart turns down compressed data that nobody called so.
func (p *bodyPost) checkStart(c *pipeline.Chunk) error {
	if c.Start.Position > 0 || p.decoder.form != formatPlain {
		return nil
	}
	if form, _ := sniff(c.Bytes); form != formatPlain {
		return fmt.Errorf("%w: it starts like %s data and nothing says so: send it with Content-Encoding: %s",
			pipeline.ErrBadEncoding, form, form)
	}
	return nil
}

func (p *bodyPost) openIntake() (err error) {
	if p.in != nil {
		return nil
	}
	if p.in, err = p.run.feed.Intake(pipeline.Progress{Name: p.framer.name}, p.rule); err != nil {
		return err
	}
	p.in.Yield()
	p.receipt = p.in.Track(MaxBodyErrors)
	return nil
}

// refuseRest numbers the lines behind one that was refused: those that have
// come, and while there is time those to come.
func (p *bodyPost) refuseRest(ctx, room context.Context) {
	if p.decoder.raw.ended {
		ctx = context.WithoutCancel(ctx) // nothing blocks any more
	}
	for len(p.refused.lines) < maxRefused {
		next, ok := p.reader.waiting()
		if !ok {
			var err error
			if next, err = p.reader.next(ctx, room); err != nil {
				return
			}
		}
		p.framer.frame(&p.refused, next)
	}
}

// answer waits as ack asks and says what became of the lines.
func (p *bodyPost) answer(ctx context.Context, ack pipeline.Ack, err error) (pipeline.PostResult, error) {
	var res pipeline.PostResult
	slices.Sort(p.refused.lines)
	res.Refused = p.refused.lines
	if p.receipt == nil {
		res.Durable = ack != pipeline.AckAccepted && err == nil
		return res, err
	}
	if ack != pipeline.AckAccepted {
		unsettled := p.receipt.Wait(ctx)
		res.Durable = unsettled == nil
		if !errors.Is(err, unsettled) {
			err = errors.Join(err, unsettled)
		}
	}
	now := p.receipt.Outcome()
	res.Accepted = p.receipt.Sent()
	res.Persisted, res.Dead, res.Dropped, res.Filtered, res.Errors = now.Persisted, now.Dead, now.Dropped, now.Filtered, now.Errors
	return res, err
}
