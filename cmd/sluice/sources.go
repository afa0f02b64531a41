package main

import (
	"context"
	"fmt"
	"sync"

	"sluice/cmd/sluice/internal/config"
	"sluice/control"
	"sluice/pipeline"
	"sluice/stages/ingest"
)

// openFiles opens files for one run, each from where the sink's progress says.
func openFiles(ctx context.Context, names []string, stored storedFunc, fromStart bool, cfg ingest.Config) (*ingest.Files, error) {
	progress, err := stored(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the progress of earlier runs: %w", err)
	}
	return ingest.OpenFiles(names, progress, fromStart, cfg)
}

// openFollow begins to follow files for one run.
func openFollow(ctx context.Context, names []string, stored storedFunc, fromStart bool, cfg ingest.Config) (*ingest.Follow, error) {
	progress, err := stored(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the progress of earlier runs: %w", err)
	}
	return ingest.OpenFollow(names, progress, fromStart, cfg)
}

// inputs are what the runs of a serve read. HTTP bodies and stdin belong to the
// process, so that nothing of them is lost between two runs; files are opened
// anew for each.
type inputs struct {
	bodies *ingest.Bodies
	stdin  *ingest.Stream // nil unless asked for
	files  []string
	follow bool // the files
	warn   func(string)

	stdinFailed bool // told once; its goroutine's

	mu     sync.Mutex // guards what follows
	failed error      // of the first input that broke off
}

// fail keeps the error of an input that broke off, and tells it.
func (i *inputs) fail(err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.failed == nil {
		i.failed = err
	}
	i.warn(fmt.Sprintf("%v; the other inputs go on", err))
}

// err returns the error of the first input that broke off.
func (i *inputs) err() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.failed
}

// open makes the source of one run.
func (i *inputs) open(ctx context.Context, loaded *config.Loaded, stored storedFunc) (*sources, error) {
	s := &sources{Sources: pipeline.Sources{i.bodies}, ready: i.bodies.Ready()}
	if i.stdin != nil {
		s.Sources = append(s.Sources, &beside{source: i.stdin, inputs: i, once: &i.stdinFailed})
		s.sized = append(s.sized, i.stdin)
	}
	cfg := sourceConfig(loaded)
	cfg.Warn = i.warn
	switch {
	case i.follow:
		follow, err := openFollow(ctx, i.files, stored, false, cfg)
		if err != nil {
			return nil, err
		}
		s.follow = follow
		s.Sources = append(s.Sources, &beside{source: follow, inputs: i, once: new(bool)})
		s.sized = append(s.sized, follow)
	case len(i.files) > 0:
		files, err := openFiles(ctx, i.files, stored, false, cfg)
		if err != nil {
			return nil, err
		}
		s.files = files
		s.Sources = append(s.Sources, &beside{source: files, inputs: i, once: new(bool)})
		s.sized = append(s.sized, files)
	}
	return s, nil
}

// sources are those of one run of a serve.
type sources struct {
	pipeline.Sources
	follow *ingest.Follow  // nil for none
	ready  <-chan struct{} // closed when bodies are taken in
	sized  []source
	files  *ingest.Files // nil for none
}

// Ready is closed when posts no longer hear that there is no run.
func (s *sources) Ready() <-chan struct{} { return s.ready }

// Progress implements source: HTTP bodies have no size and are left out.
func (s *sources) Progress() (read, size int64) {
	for _, one := range s.sized {
		r, n := one.Progress()
		read += r
		if n < 0 || size < 0 {
			size = -1
			continue
		}
		size += n
	}
	if len(s.sized) == 0 {
		size = -1
	}
	return read, size
}

// followOf returns what follows files in the source of a run, nil for none.
func followOf(s source) *ingest.Follow {
	switch s := s.(type) {
	case *ingest.Follow:
		return s
	case *sources:
		return s.follow
	}
	return nil
}

// followedOf returns what tells how far a run is with the files that it follows,
// nil where it follows none.
func followedOf(s source) func() *control.Followed {
	follow := followOf(s)
	if follow == nil {
		return nil
	}
	return func() *control.Followed {
		status := follow.Status()
		told := &control.Followed{Files: status.Files, LagBytes: status.Lag, List: make([]control.FollowedFile, len(status.List))}
		for i, f := range status.List {
			told.List[i] = control.FollowedFile{Path: f.Path, State: string(f.State), Position: f.Position, Size: f.Size, LagBytes: f.Lag}
		}
		return told
	}
}

// beside is a source that stands beside HTTP bodies: when it breaks off this is
// told, and the bodies go on.
type beside struct {
	source pipeline.Source
	inputs *inputs
	once   *bool // whether it was told
}

// Run implements pipeline.Source.
func (b *beside) Run(ctx context.Context, feed pipeline.Feed) error {
	err := b.source.Run(ctx, feed)
	if err == nil || ctx.Err() != nil || *b.once {
		return nil
	}
	*b.once = true
	b.inputs.fail(err)
	return nil
}
