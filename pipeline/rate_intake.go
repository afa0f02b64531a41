package pipeline

import "context"

// passLimits sends a batch in as the rate limits let it, in parts where they let
// only some of it pass. It has the batch from then on. After an error what is
// left of it was given up.
func (in *Intake) passLimits(ctx context.Context, b *Batch) error {
	parts := parts{in: in, batch: b}
	for parts.left() > 0 {
		if err := in.passSome(ctx, &parts); err != nil {
			if parts.left() > 0 {
				in.giveUp(parts.take(parts.left()))
			}
			return err
		}
	}
	return nil
}

// passSome asks the limits once, and does what they say.
func (in *Intake) passSome(ctx context.Context, parts *parts) error {
	rates, c := in.p.rates, &in.claim
	if err := in.p.intakes.wait(ctx); err != nil {
		return err
	}
	if c.granted == nil {
		c.granted = newSignal()
	}
	c.lane, c.n, c.refuses = parts.batch.lane, parts.left(), in.yields && in.tracker == nil
	own := rates.lanes[c.lane]
	v, err := rates.admit(ctx, c)
	if err != nil {
		return err
	}
	if v.pass > 0 {
		if err := in.sendOrGiveUp(ctx, parts.take(v.pass)); err != nil {
			return err
		}
	}
	if err := in.beyond(ctx, parts, rates.common, v.common); err != nil {
		return err
	}
	return in.beyond(ctx, parts, own, v.own)
}

// beyond does with n records what a limit does that they do not pass and that
// makes nobody wait.
func (in *Intake) beyond(ctx context.Context, parts *parts, l *rateLimit, n int) error {
	switch {
	case n == 0:
		return nil
	case l.cfg.Over == RateOverReject:
		return in.p.rates.refusal(&in.claim)
	case l.cfg.Dropped == DropToDeadLetter:
		b := parts.take(n)
		for i := range b.records {
			b.records[i].Reject(l.over)
		}
		b.spent = true
		return in.sendOrGiveUp(ctx, b)
	}
	in.p.ledger.dropRated(parts.batch, n)
	if in.receipt != nil {
		in.receipt.send(n)
		in.receipt.drop(n, 0)
	}
	parts.skip(n)
	return nil
}

// sendOrGiveUp has the batch from then on.
func (in *Intake) sendOrGiveUp(ctx context.Context, b *Batch) error {
	err := in.p.send(ctx, b)
	if err != nil {
		in.giveUp(b)
	}
	return err
}

// parts gives a batch away part by part, in order. The batch itself goes with
// the last part, and what follows its chunk counts each part as a batch.
type parts struct {
	in    *Intake
	batch *Batch
	at    int // records given away
	n     int // of so many; 0 before the first
}

// left returns how many records are left.
func (p *parts) left() int {
	if p.n == 0 {
		p.n = p.batch.Len()
	}
	return p.n - p.at
}

// take gives away the next n records, at most left, as a batch.
func (p *parts) take(n int) *Batch {
	lo, last := p.at, n == p.left()
	p.at += n
	switch {
	case last && lo == 0:
		return p.batch
	case !last:
		p.recount(+1)
	}
	part := p.batch.cut(lo, p.at)
	if last {
		p.batch.release()
	}
	return part
}

// skip lets n records go.
func (p *parts) skip(n int) {
	last := n == p.left()
	p.at += n
	if last {
		p.recount(-1)
		if t := p.in.tracker; t != nil {
			p.in.p.moved.add(t)
		}
		p.batch.release()
	}
}

func (p *parts) recount(by int) {
	if t := p.in.tracker; t != nil {
		t.recount(p.batch.entry, by)
	}
}
