package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"sluice/cmd/sluice/internal/config"
	"sluice/control"
	"sluice/control/api"
	"sluice/pipeline"
	"sluice/stages/persist"
	"sluice/stages/persist/deadletter"
)

// letterDesk gives access to the dead letters of the sink while runs go on. It
// opens the store for each request, beside the sink. It is api.DeadLetters.
type letterDesk struct {
	loaded *config.Loaded

	mu     sync.Mutex // guards what follows; Add of inside, too
	feed   pipeline.Feed
	over   context.Context // ends with the run, or when it is told to stop
	inside sync.WaitGroup  // replays of the run
}

// persistConfig returns where the sink of a configuration is.
func persistConfig(loaded *config.Loaded) persist.Config {
	return persist.Config{Sink: loaded.Persistence.Sink, Table: loaded.Persistence.Table, DeadLetters: loaded.DeadLetters}
}

func openLetters(ctx context.Context, loaded *config.Loaded) (deadletter.Store, error) {
	return persist.OpenLetters(ctx, persistConfig(loaded))
}

// with opens the store for one use of the letters of a filter.
func (d *letterDesk) with(ctx context.Context, f pipeline.LetterFilter, use func(deadletter.Store) error) error {
	store, err := openLetters(ctx, d.loaded)
	if err != nil {
		return err
	}
	if err := checkNames(ctx, store, f); err != nil {
		return errors.Join(err, store.Close())
	}
	return errors.Join(use(store), store.Close())
}

// Each implements api.DeadLetters.
func (d *letterDesk) Each(ctx context.Context, f pipeline.LetterFilter, form api.LetterForm, visit func(int64, []byte) error) error {
	return d.with(ctx, f, func(s deadletter.Store) error { return eachLetter(ctx, s, f, form, visit) })
}

// eachLetter walks through letters in a form.
func eachLetter(ctx context.Context, s deadletter.Store, f pipeline.LetterFilter, form api.LetterForm, visit func(int64, []byte) error) error {
	var line []byte
	show := func(l *deadletter.Stored) error {
		switch form {
		case api.LetterBrief:
			line = l.AppendBrief(line[:0])
		case api.LetterWhole:
			line = l.AppendJSON(line[:0])
		default:
			raw, err := l.Raw()
			if l.Cut() || err != nil {
				return err
			}
			line = append(line[:0], raw...)
		}
		return visit(l.ID, line)
	}
	if form == api.LetterBrief {
		return s.Each(ctx, f, false, show)
	}
	return deadletter.Walk(ctx, s, f, show)
}

// Stats implements api.DeadLetters.
func (d *letterDesk) Stats(ctx context.Context, f pipeline.LetterFilter) (counts []pipeline.LetterCount, err error) {
	err = d.with(ctx, f, func(s deadletter.Store) error {
		counts, err = s.Stats(ctx, f)
		return err
	})
	return counts, err
}

// Delete implements api.DeadLetters.
func (d *letterDesk) Delete(ctx context.Context, f pipeline.LetterFilter) (n int64, err error) {
	if err := lettersChangeable(d.loaded, "purge"); err != nil {
		return 0, err
	}
	err = d.with(ctx, f, func(s deadletter.Store) error {
		n, err = s.Delete(ctx, f)
		return err
	})
	return n, err
}

// Replay implements api.DeadLetters: it sends letters through the run that is on.
func (d *letterDesk) Replay(ctx context.Context, f pipeline.LetterFilter, o pipeline.ReplayOptions) (result pipeline.ReplayResult, err error) {
	result.Errors = []pipeline.ReplayError{}
	if err := lettersChangeable(d.loaded, "replay"); err != nil {
		return result, err
	}
	feed, over, leave := d.enter()
	if feed == nil {
		return result, pipeline.ErrNoRun
	}
	defer leave()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(over, func() { cancel(fmt.Errorf("%w: the run has ended", pipeline.ErrNoRun)) })()
	err = d.with(ctx, f, func(s deadletter.Store) error {
		r := newReplay(d.loaded, s, f, o)
		err := r.Send(ctx, feed)
		result = r.Result()
		return err
	})
	return result, err
}

// newReplay makes the replay of a command.
func newReplay(loaded *config.Loaded, s deadletter.Store, f pipeline.LetterFilter, o pipeline.ReplayOptions) *deadletter.Replay {
	return &deadletter.Replay{Store: s, Filter: f, Options: o, MaxRecordBytes: int(loaded.Source.MaxRecordBytes), Passed: passedStages}
}

// passedStages is how many stages a record that died in a stage need not pass again.
// What enrichment added to it is lost, so only validation can be left out.
func passedStages(stage string) int {
	if stage == config.StageEnrich || stage == config.StagePersist {
		return 1
	}
	return 0
}

// lettersChangeable says why dead letters cannot be replayed and purged.
func lettersChangeable(loaded *config.Loaded, what string) error {
	if persist.LettersInTable(persistConfig(loaded)) {
		return nil
	}
	if what == "replay" {
		return &control.RefusedError{Kind: control.ErrConflict, Reason: "replay: these dead letters are in a file, which has no transaction with the rows; " +
			"send their records in again with: sluice dead export --records | sluice run, and remove the file"}
	}
	return &control.RefusedError{Kind: control.ErrConflict, Reason: "purge: these dead letters are in a file, which a pipeline may be writing; " +
		"stop what writes it and move or remove the file: it is made anew for the next dead letter"}
}

// enter keeps a run open until leave; feed is nil where there is none.
func (d *letterDesk) enter() (feed pipeline.Feed, over context.Context, leave func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.feed != nil {
		d.inside.Add(1)
	}
	return d.feed, d.over, d.inside.Done
}

// begin opens the desk for the replays of a run; ctx ends when it is told to stop.
// The end that it returns lets none in any more and waits for those that are under
// way: they finish, or break off when ctx ends.
func (d *letterDesk) begin(ctx context.Context, feed pipeline.Feed) (end func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.feed, d.over = feed, ctx
	return func() {
		d.mu.Lock()
		d.feed = nil
		d.mu.Unlock()
		d.inside.Wait()
	}
}

// withReplays is the source of a run with the replays that the desk sends in beside
// it.
type withReplays struct {
	pipeline.Source
	desk *letterDesk
}

// Run implements pipeline.Source.
func (w *withReplays) Run(ctx context.Context, feed pipeline.Feed) error {
	defer w.desk.begin(ctx, feed)()
	return w.Source.Run(ctx, feed)
}
