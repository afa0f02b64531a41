package ingest

import (
	"context"
	"errors"
	"sync"

	"sluice/pipeline"
)

// errRunEnds is why a post that is under way takes nothing more in.
var errRunEnds = errors.New("the run ends")

// bodyRun is one run as posts see it. A post is inside only while it hands
// lines over, never while it reads its body, so that no sender holds up the end
// of a run.
type bodyRun struct {
	feed pipeline.Feed

	mu     sync.Mutex // guards what follows; Add of inside, too
	over   bool
	inside sync.WaitGroup
	posts  map[*bodyPost]context.CancelCauseFunc
}

func newBodyRun(feed pipeline.Feed) *bodyRun {
	return &bodyRun{feed: feed, posts: map[*bodyPost]context.CancelCauseFunc{}}
}

// join makes cancel be called when the run ends; false when it has.
func (r *bodyRun) join(p *bodyPost, cancel context.CancelCauseFunc) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.posts[p] = cancel
	}
	return !r.over
}

// part ends a join.
func (r *bodyRun) part(p *bodyPost) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.posts, p)
}

// enter keeps the run open until leave; false when it has ended.
func (r *bodyRun) enter() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over {
		r.inside.Add(1)
	}
	return !r.over
}

func (r *bodyRun) leave() { r.inside.Done() }

// end lets nobody in any more, calls off the waiting for room and returns when
// everybody is out.
func (r *bodyRun) end() {
	r.mu.Lock()
	r.over = true
	for _, cancel := range r.posts {
		cancel(errRunEnds)
	}
	r.mu.Unlock()
	r.inside.Wait()
}

// paused says whether the run is paused, as far as its feed tells.
func (r *bodyRun) paused() bool {
	p, ok := r.feed.(interface{ Status() pipeline.Status })
	return ok && p.Status().State == pipeline.StatePaused
}
