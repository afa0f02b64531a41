package bench

import (
	"context"
	"sync/atomic"
	"time"
)

// pace says when a sender may send. For one goroutine.
type pace interface {
	// due waits until more than sent records are due and returns how many are; sent
	// when there will be no more, or the context ends first.
	due(ctx context.Context, sent int64) int64
}

// forever is more records than anybody sends.
const forever = 1<<63 - 1

// timed keeps to a schedule, whatever the pipeline does. late takes how late it
// woke when it had waited for a record to be due.
type timed struct {
	*schedule
	late *histogram
}

func (t timed) due(ctx context.Context, sent int64) int64 {
	for waited := false; ctx.Err() == nil; waited = true {
		now := time.Now()
		if n := t.by(now); n > sent {
			if waited {
				t.late.add(now.Sub(t.at(sent)), 1)
			}
			return n
		}
		if wait(ctx, t.at(sent).Sub(now)) != nil {
			break
		}
	}
	return sent
}

// unlimited is as fast as it goes.
type unlimited struct{}

func (unlimited) due(ctx context.Context, sent int64) int64 {
	if ctx.Err() != nil {
		return sent
	}
	return forever
}

// follower keeps a ratio to what another sender has sent.
type follower struct {
	leader *progress
	news   <-chan struct{} // of the leader
	ratio  float64
}

func (f follower) due(ctx context.Context, sent int64) int64 {
	for {
		if n := f.allowed(); n > sent {
			return n
		}
		select {
		case <-f.news:
		case <-f.leader.ended:
			return max(sent, f.allowed())
		case <-ctx.Done():
			return sent
		}
	}
}

func (f follower) allowed() int64 { return int64(float64(f.leader.sent.Load()) * f.ratio) }

// progress tells followers how far a sender is.
type progress struct {
	sent  atomic.Int64
	news  []chan struct{} // one a follower, of capacity one
	ended chan struct{}   // closed when it sends no more
}

// follow returns a channel that gets a token when the sender has moved. Call it
// before the sender starts.
func (p *progress) follow() <-chan struct{} {
	c := make(chan struct{}, 1)
	p.news = append(p.news, c)
	return c
}

// add counts records as sent.
func (p *progress) add(n int64) {
	p.sent.Add(n)
	for _, c := range p.news {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
