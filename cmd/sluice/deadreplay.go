package main

import (
	"context"
	"errors"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// replay sends letters through: by the sluice that runs on their sink, else in a run
// of this process's own.
func (p *process) replay(ctx context.Context, at *deadPlace, f pipeline.LetterFilter, o pipeline.ReplayOptions) (pipeline.ReplayResult, error) {
	if at.remote {
		return at.Replay(ctx, f, o)
	}
	if err := lettersChangeable(at.loaded, "replay"); err != nil {
		return pipeline.ReplayResult{}, err
	}
	store, err := openLetters(ctx, at.loaded)
	if err != nil {
		return pipeline.ReplayResult{}, err
	}
	if err := checkNames(ctx, store, f); err != nil {
		return pipeline.ReplayResult{}, errors.Join(err, store.Close())
	}
	r := newReplay(at.loaded, store, f, o)
	err = p.replayRun(ctx, at.loaded, r)
	return r.Result(), errors.Join(err, store.Close())
}

// replaySource is a replay as the source of a run.
type replaySource struct{ *deadletter.Replay }

// Progress implements source: letters have no size.
func (replaySource) Progress() (read, size int64) { return 0, -1 }

// replayRun is a run whose source is the replay.
func (p *process) replayRun(ctx context.Context, loaded *config.Loaded, r *deadletter.Replay) error {
	console := summary.NewConsole(p.stderr)
	warn := func(text string) { console.Notef("sluice: warning: %s", text) }
	var status pipeline.Status
	h := &host{
		plan: &plan{process: p, loaded: loaded, warn: warn, source: func(context.Context, *config.Loaded, storedFunc) (source, error) {
			return replaySource{r}, nil
		}},
		console: console, once: true, quiet: true,
		opened: func(*job) {},
		ended:  func(_ *job, s pipeline.Status, _ error) { status = s },
	}
	if err := h.set(ctx); err != nil {
		return err
	}
	err := h.run(ctx, nil)
	return accounted(status.Ledger, err)
}
