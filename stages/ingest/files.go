package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"sluice/pipeline"
)

// Files is the source for files, read one after another, each with an intake
// and a progress of its own. A file is known again by the start of its content
// (see Progress.Source) and by the bytes before its position, all of them where
// it was compressed, whatever its name and compression; one that does not fit what is stored is a new generation and
// read from its start. OpenFiles makes it, for one run.
type Files struct {
	cfg       Config
	fromStart bool
	register  *register
	entries   []*entry
	byInode   map[uint64][]fs.FileInfo
	quota     *quota

	finished atomic.Int64 // bytes of the files that are done
	current  atomic.Int64 // bytes read of the file that is open
	size     atomic.Int64 // of all files; -1 when one has no size

	mu      sync.Mutex // guards reports
	reports []FileReport
}

// measure adds up the sizes that a progress line compares with.
func (f *Files) measure() {
	var size int64
	for _, e := range f.entries {
		if e.stream != nil {
			f.size.Store(-1)
			return
		}
		size += e.info.Size()
	}
	f.size.Store(size)
}

// Progress returns the bytes read of all files, compressed ones as they are on
// disk and what earlier runs had read included, and the size of all, -1 when
// one of them has none. For any goroutine.
func (f *Files) Progress() (read, size int64) {
	read = f.finished.Load() + f.current.Load()
	if size = f.size.Load(); size >= 0 {
		size = max(size, read)
	}
	return read, size
}

// Run implements pipeline.Source. When ctx ends it stops between two chunks
// and returns nil. A compressed file that breaks off gives its whole lines, the
// files behind it are read, and the error at the end wraps
// pipeline.ErrSourceTruncated for each such file. Any other error ends the run.
func (f *Files) Run(ctx context.Context, feed pipeline.Feed) error {
	return f.run(ctx, intakeOf(feed, f.cfg.Rule))
}

func (f *Files) run(ctx context.Context, open openFunc) error {
	var truncated []error
	for _, e := range f.entries {
		if ctx.Err() != nil || f.quota.spent() {
			break
		}
		err := f.read(ctx, e, open)
		switch {
		case errors.Is(err, pipeline.ErrSourceTruncated):
			truncated = append(truncated, err)
		case err != nil && ctx.Err() == nil:
			return errors.Join(append(truncated, err)...)
		}
	}
	return errors.Join(truncated...)
}

func (f *Files) read(ctx context.Context, e *entry, open openFunc) error {
	if e.stream != nil {
		defer e.stream.Close()
		return e.stream.run(ctx, open)
	}
	file, err := os.Open(e.path)
	if err != nil {
		return explainOpen(e.path, err)
	}
	defer file.Close()
	defer func() { f.finished.Add(f.current.Swap(0)) }()
	in, progress, err := f.ready(ctx, file, e)
	if err == nil {
		err = f.readInput(ctx, e, in, progress, open)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", e.path, err)
	}
	return nil
}

// ready decides where to begin, and under which progress.
func (f *Files) ready(ctx context.Context, file *os.File, e *entry) (*input, pipeline.Progress, error) {
	head, form, err := readHead(file)
	if err != nil {
		return nil, pipeline.Progress{}, err
	}
	if e.known >= 0 && f.register.files[e.known].matches(head) {
		in, p, err := f.readyKnown(ctx, file, form, e)
		if !errors.Is(err, errOtherFile) {
			return in, p, err
		}
		f.cfg.Warn(e.path + ": it starts as a file that an earlier run has read, but what follows differs; it is read from its start, and the rows of that run stay")
	}
	e.known = -1
	info, err := file.Stat()
	if err != nil {
		return nil, pipeline.Progress{}, err
	}
	in, err := startInput(file, form, &f.current)
	if len(head) == 0 {
		// There is nothing to know it by. What is written to it from now on
		// is left for the next run.
		if form == formatPlain {
			in.src = strings.NewReader("")
		}
		return in, pipeline.Progress{Name: e.path}, err
	}
	return in, f.register.newFile(head, inodeOf(info), e.path).progress, err
}

// readyKnown makes a file ready that an earlier run has seen.
func (f *Files) readyKnown(ctx context.Context, file *os.File, form format, e *entry) (*input, pipeline.Progress, error) {
	p := f.register.files[e.known].progress
	p.Name = e.path
	if f.fromStart {
		in, err := startInput(file, form, &f.current)
		return in, fromItsStart(p), err
	}
	in, err := resumeInput(ctx, file, form, p, &f.current)
	return in, p, err
}

// fromItsStart is the progress of a file that is to be read again.
func fromItsStart(p pipeline.Progress) pipeline.Progress {
	return pipeline.Progress{Source: p.Source, Name: p.Name, Version: p.Version}
}

// readInput moves a file through a reader of its own, which it joins.
func (f *Files) readInput(ctx context.Context, e *entry, in *input, p pipeline.Progress, open openFunc) error {
	if f.quota.limited {
		p.Source = ""
	}
	limit := p.LineLimit(f.cfg.MaxRecordBytes)
	r := newReader(in.src, limit, false, true)
	r.at, r.trail = in.start, in.trail
	var wg sync.WaitGroup
	wg.Go(r.run)
	fr := framer{
		name: e.path, maxBytes: limit, quota: f.quota, warn: f.cfg.Warn,
		at: in.start.Position, inLine: in.trail.inLine(),
	}
	err := fr.pump(ctx, r, func() (intake, error) { return open(p) })
	r.halt()
	wg.Wait()
	f.report(e, in.start.Position, fr.at, err)
	return err
}
