package ingest

import (
	"context"
	"io"
	"sync"

	"sluice/pipeline"
)

// Bodies is the source for the bodies of requests: NDJSON, plain, gzip or zstd.
// It has no input of its own: Run opens a run for Post, which any number of
// goroutines may call, and ends with it. It outlives runs. A body has no
// identity, so no progress is stored; who posted it hears what became of it.
type Bodies struct {
	cfg    Config
	limits BodyLimits

	buffers *turns // what every body takes
	windows *turns // what decoding takes; taken before buffers
	long    *turns // for lines longer than a buffer; taken after buffers

	onBuffer func(bytes int) // test seam: told of buffers made and given away

	mu    sync.Mutex    // guards what follows
	run   *bodyRun      // nil between runs
	ready chan struct{} // closed while a run takes posts; a new one for each
}

// NewBodies returns a source that is ready for its first run. Of cfg it uses
// MaxRecordBytes and Rule.
func NewBodies(cfg Config, limits BodyLimits) *Bodies {
	b := &Bodies{cfg: cfg.withDefaults(), limits: limits.withDefaults(), ready: make(chan struct{})}
	m := b.limits.Memory
	b.buffers, b.windows, b.long = newTurns(m-m/2-m/8), newTurns(m/2), newTurns(m/8)
	return b
}

// Run implements pipeline.Source: it takes bodies in until ctx ends. Then a body
// that is being read stops between two pieces, one that waits for room stops
// waiting, what found no room is refused with the numbers of its lines, and Run
// returns nil; no sender, however slow, holds it up. Runs must not overlap.
func (b *Bodies) Run(ctx context.Context, feed pipeline.Feed) error {
	r := newBodyRun(feed)
	b.setRun(r)
	<-ctx.Done()
	b.setRun(nil)
	r.end()
	return nil
}

func (b *Bodies) setRun(r *bodyRun) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.run = r
	if r != nil {
		close(b.ready)
	} else {
		b.ready = make(chan struct{})
	}
}

// Ready returns a channel that is closed when the run that is open, or else the
// next one, takes posts.
func (b *Bodies) Ready() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ready
}

func (b *Bodies) current() *bodyRun {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.run
}

// Post takes one body in and says what became of its lines; the result is true
// beside an error, too. Lines pass in the order of the body, lane by lane, as
// they are read. Behind a line that was refused nothing of the body is taken
// in. A body that breaks off, is damaged or too large gives the whole lines
// before that place.
//
// Errors, for errors.Is, are those of pipeline/post.go, pipeline.ErrFull,
// pipeline.ErrUnsettled, and the cause of ctx when that ends first. An error in
// which there is a *BodyError says from which line on the body was not read.
//
// Post blocks while it reads the body. Where body has a method SetReadDeadline,
// as http.ResponseController has, the end of ctx, of the run and of the time
// given calls a read off, and BodyLimits.Idle bounds it; Post leaves no deadline
// behind then, unless it called a read off. Any other body must see to that
// itself. Post does not close the body.
func (b *Bodies) Post(ctx context.Context, body io.Reader, o pipeline.PostOptions) (pipeline.PostResult, error) {
	form, err := parseEncoding(o.Encoding)
	if err != nil {
		return pipeline.PostResult{}, err
	}
	run := b.current()
	switch {
	case run == nil:
		return pipeline.PostResult{}, pipeline.ErrNoRun
	case o.Timeout <= 0 && run.paused():
		return pipeline.PostResult{}, pipeline.ErrPaused
	}
	timeout := o.Timeout
	if timeout <= 0 {
		timeout = pipeline.DefaultPostTimeout
	}
	ctx, stop := context.WithTimeoutCause(ctx, timeout, pipeline.ErrTimeout)
	defer stop()
	p := newBodyPost(b, run, form, body, o)
	defer p.close()
	err = p.takeIn(ctx, o.Timeout <= 0)
	return p.answer(ctx, o.Ack, err)
}

// lanes returns the rule for a body, and whose share of the memory it takes.
func (b *Bodies) lanes(lane *pipeline.Lane) (pipeline.LaneRule, turnClass) {
	rule := b.cfg.Rule
	if lane != nil {
		rule = pipeline.LaneRule{Default: *lane}
	}
	if rule.Field != "" {
		return rule, classByRule
	}
	return rule, turnClass(rule.Default)
}
