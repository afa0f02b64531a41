package ingest

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"sluice/pipeline"
)

// How Follow paces itself.
const (
	// FollowInterval is how often each file is looked at.
	FollowInterval = 250 * time.Millisecond
	// listEvery is how often patterns are expanded: each so many looks.
	listEvery = 4
	// settleAfter is how long a file must have stayed the same before it counts
	// as whole: one that is compressed, one that may be a copy.
	settleAfter = 5 * time.Second
	// retireAfter is how long a file that was rotated away must have stayed the
	// same before its last line is taken as it is and the file is closed.
	retireAfter = 30 * time.Second
	// abandonAfter is how long a file that no pattern finds any more, and that
	// has no successor, must have stayed the same before it is closed.
	abandonAfter = time.Hour
	// passBytes is how much is read of a file before others get their turn.
	passBytes = 4 << 20
	// maxPasses is how many files are read at the same time.
	maxPasses = 16
)

// Follow is the source for files that others are writing. It reads what is
// appended, whole lines only, and goes on across renaming, truncation and new
// files, until the context of Run ends. Files are known by their content, as by
// Files. OpenFollow makes it, for one run.
//
// One goroutine, Run's, looks at the files and owns all that is known of them;
// what is new of a file is read by a pass, on a goroutine of its own that Run
// joins, so that a file that waits for room holds up no other one.
type Follow struct {
	cfg       Config
	watches   []watch
	fromStart bool
	content   *Files // the register, and what compares files with it
	read      atomic.Int64

	// What follows is Run's goroutine's.
	files   []*followed
	owners  map[int]*followed // by index into the register
	looks   int
	turn    int  // where the next look at all begins
	full    bool // a file was passed over because there were maxPasses
	passes  int
	results chan *pass
	told    map[string]string // path -> the last warning
	ended   map[string]error  // path -> of a file that broke off

	status  atomic.Pointer[FollowStatus] // of the last look
	intakes sync.Map                     // Progress.Source -> intake: an input has one for the whole run
}

// OpenFollow returns a source that follows the files that names and patterns
// stand for; what it is told of stored and fromStart is as for OpenFiles. A
// pattern is one of filepath.Match, and is expanded again and again. A name need
// not be there yet.
//
// Every name is checked; the error joins one message for each that cannot be
// followed.
func OpenFollow(names []string, stored []pipeline.Progress, fromStart bool, cfg Config) (*Follow, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	cfg.Warn = inTurn(cfg.Warn)
	l := &Follow{
		cfg: cfg, fromStart: fromStart,
		content: &Files{cfg: cfg, register: newRegister(stored)},
		owners:  map[int]*followed{}, results: make(chan *pass), told: map[string]string{}, ended: map[string]error{},
	}
	var errs []error
	for _, name := range names {
		w, err := newWatch(name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		l.watches = append(l.watches, w)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	for _, w := range l.watches {
		if len(w.list()) == 0 {
			cfg.Warn(w.name + ": there is no such file yet; it is waited for")
		}
	}
	return l, nil
}

// Progress returns the bytes read in this run; a followed file has no size. For
// any goroutine.
func (l *Follow) Progress() (read, size int64) { return l.read.Load(), -1 }

// Run implements pipeline.Source. When ctx ends it stops between two chunks and
// returns nil, or for compressed files that broke off an error that wraps
// pipeline.ErrSourceTruncated. A file that cannot be read is warned of and tried
// again.
func (l *Follow) Run(ctx context.Context, feed pipeline.Feed) error {
	return l.run(ctx, intakeOf(feed, l.cfg.Rule))
}

func (l *Follow) run(ctx context.Context, open openFunc) error {
	ctx, cancel := context.WithCancel(ctx)
	defer l.end(cancel)
	start := func(p *pass) {
		l.passes++
		go func() {
			p.run(ctx, l.intakeFor(open))
			l.results <- p
		}()
	}
	tick := time.NewTicker(FollowInterval)
	defer tick.Stop()
	l.list()
	l.lookAtAll(start)
	l.publish()
	for {
		select {
		case <-ctx.Done():
			return errors.Join(slices.Collect(maps.Values(l.ended))...)
		case <-tick.C:
			l.looks++
			l.list()
			l.lookAtAll(start)
			if l.looks%listEvery == 0 {
				l.publish()
			}
		case p := <-l.results:
			l.finish(p)
			if ctx.Err() != nil {
				continue
			}
			if err := l.judge(p); err != nil {
				return err
			}
			l.lookAfter(p.f, start)
		}
	}
}

// end waits for the passes and closes the files.
func (l *Follow) end(cancel context.CancelFunc) {
	cancel()
	for ; l.passes > 0; l.passes-- {
		<-l.results
	}
	for _, f := range l.files {
		f.close()
	}
}

// intakeFor opens an input's intake the first time and returns it from then on.
func (l *Follow) intakeFor(open openFunc) openFunc {
	return func(start pipeline.Progress) (intake, error) {
		if in, ok := l.intakes.Load(start.Source); ok {
			return in.(intake), nil
		}
		in, err := open(start)
		if err == nil {
			l.intakes.Store(start.Source, in)
		}
		return in, err
	}
}

// lookAtAll looks at each file, each time beginning where room for passes ended.
func (l *Follow) lookAtAll(start func(*pass)) {
	files := l.files
	l.full = false
	for i := range files {
		l.lookOnce(files[(l.turn+i)%len(files)], start)
		if l.full {
			l.turn = (l.turn + i) % len(files)
			break
		}
	}
	l.forget()
}

// lookAfter looks at a file that was read and at those that waited for it.
func (l *Follow) lookAfter(f *followed, start func(*pass)) {
	if l.full {
		l.lookAtAll(start)
		return
	}
	l.lookOnce(f, start)
	for _, g := range l.files {
		if g.after == f {
			l.lookOnce(g, start)
		}
	}
	l.forget()
}

func (l *Follow) lookOnce(f *followed, start func(*pass)) {
	if f.busy || f.retired {
		return
	}
	if l.passes >= maxPasses {
		l.full = true
		return
	}
	if p := l.look(f); p != nil {
		f.busy = true
		start(p)
	}
}

// forget lets go of the files that are done with.
func (l *Follow) forget() {
	l.files = slices.DeleteFunc(l.files, func(f *followed) bool {
		if f.retired {
			f.close()
		}
		return f.retired
	})
}

// finish takes in what a pass has done.
func (l *Follow) finish(p *pass) {
	l.passes--
	f := p.f
	f.busy = false
	f.at, f.trail = p.at, p.trail
	f.resumed = f.resumed || p.resumed
	f.scanned = p.scanned
	if p.err != nil {
		f.scanned = 0 // lines may end between at and there
	}
	l.read.Add(p.read)
	l.remember(f)
}

// judge decides what the end of a pass means.
func (l *Follow) judge(p *pass) error {
	f := p.f
	switch {
	case p.err == nil:
		f.troubled = false
		if p.whole {
			f.whole = true
			delete(l.ended, f.path)
		}
	case errors.Is(p.err, errOtherFile) && f.rest:
		l.lost(f, "what was to be a copy of it is another file")
		l.retire(f)
	case errors.Is(p.err, errOtherFile):
		l.cfg.Warn(f.path + ": it starts as a file that an earlier run has read, but what follows differs; it is read from its start, and the rows of that run stay")
		l.anew(f)
	case errors.Is(p.err, errChanged):
		f.dirty = true // the next look finds out
	case errors.Is(p.err, pipeline.ErrSourceTruncated):
		f.whole = true // until it changes
		l.broken(f, p.err)
	case p.fault:
		f.troubled = true
		l.warnOnce(f.path, explainOpen(f.path, p.err).Error()+"; it is tried again")
	default:
		return explainOpen(f.path, p.err)
	}
	return nil
}

// inTurn lets one goroutine at a time call warn.
func inTurn(warn func(string)) func(string) {
	var mu sync.Mutex
	return func(text string) {
		mu.Lock()
		defer mu.Unlock()
		warn(text)
	}
}
