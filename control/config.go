package control

import (
	"context"
	"errors"

	"sluice/pipeline"
)

// DefaultQueue is how many commands may wait for the loop.
const DefaultQueue = 256

// Config is what a Controller needs.
type Config struct {
	// Open builds everything that one run needs. The loop calls it for each
	// run, one at a time, from a goroutine of the run; ctx bounds the opening
	// only and ends when Open has returned.
	Open func(ctx context.Context) (*Run, error)
	// OnEnd, when set, is told how each run ended, after it was closed: the
	// last picture of it and its error, nil when its input came to its end. A
	// run that could not be opened has the zero Status. It is called from the
	// run's goroutine; the run counts as ended when it returns.
	OnEnd    func(pipeline.Status, error)
	Instance string // what tells this process from others of its kind
	Version  string
	// DeadLetters names where the sink's dead letters are, without a secret; "" for nowhere.
	DeadLetters string
	// Once makes Loop start a run by itself and return what came of it, when
	// it has ended.
	Once  bool
	Queue int // commands that may wait; 0 for DefaultQueue
}

// Run is one run, opened and not yet begun.
type Run struct {
	Pipeline *pipeline.Pipeline
	Source   pipeline.Source
	// Ready, when set, is closed when the source takes records: Start is answered
	// then, so that whoever started the run can send them.
	Ready <-chan struct{}
	// Followed, when set, says how far the run is with the files it follows, nil for
	// none. The loop calls it for each status; it must not wait.
	Followed func() *Followed
	// Close gives back what Open took. It is called once, when the run is over,
	// unless a part of the run was abandoned and still uses it; nil for nothing
	// to do.
	Close func() error
}

func (r *Run) close() error {
	if r.Close == nil {
		return nil
	}
	return r.Close()
}

// checked refuses what Open must not return.
func (r *Run) checked() (*Run, error) {
	if r == nil || r.Pipeline == nil || r.Source == nil {
		return nil, errors.New("open run: it has no pipeline or no source; this is a bug in sluice")
	}
	return r, nil
}
