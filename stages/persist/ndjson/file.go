package ndjson

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
)

// With SyncInterval a checkpoint comes when one of these is reached.
const (
	checkpointEvery = time.Second
	checkpointBytes = 128 << 20
)

var errNotEncoded = errors.New("a batch came without its rows: the last stage must be the sink's Encoder")

// FileConfig says where a File writes, and how.
type FileConfig struct {
	FS   disk.FS
	Path string
	Options
	DeadLetters *deadletter.File
	Now         func() time.Time // for concurrent use
}

// File is the sink for a file of NDJSON, or with rotation for one file after
// another. It holds them locked while it is open. Dead letters are synced before
// the progress that vouches for them.
//
// A file that gets too old is finished by a timer, whose goroutine is the only
// one beside the engine's; after Close there is none.
type File struct {
	cfg  FileConfig
	rows parts // of the group that is being written; the engine's goroutine's

	mu      sync.Mutex // guards what follows, and is held across I/O: the timer waits for it
	part    *part      // nil between two files
	locks   []disk.File
	sidecar *sidecar
	at      time.Time // of the last checkpoint
	dirty   bool      // something was taken over and not settled
	failed  error     // nothing more can be written
	closed  bool
	timer   *time.Timer // finishes the part; nil for none
	reached stage       // by the group whose Write failed with what passes
}

// stage is how far a group has got that is to be written again. What was done is
// not done twice.
type stage int

const (
	stageNone stage = iota
	stageRows       // its rows are with the encoder of the part, and cannot be taken back
	stageAll        // its rows and letters are in; what lacks is the progress
)

// transient marks an error that passes, as disk.Passes has it.
func transient(err error) error {
	if disk.Passes(err) {
		return pipeline.Transient(err)
	}
	return err
}

// OpenFile opens or makes the file. Another process that has it open is
// reported as an error that wraps pipeline.ErrFenced.
func OpenFile(cfg FileConfig) (*File, error) {
	f := &File{cfg: cfg, at: cfg.Now()}
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.startLocked()
	if errors.Is(err, disk.ErrLocked) {
		err = fmt.Errorf("%w: %w: stop the other sluice, or write to another file", err, pipeline.ErrFenced)
	}
	if err != nil {
		return nil, errors.Join(err, f.releaseLocked())
	}
	return f, nil
}

// Progress returns the progress of all sources.
func (f *File) Progress() []pipeline.Progress {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sidecar.all()
}

// Write implements pipeline.Sink. An error that passes is transient: the same
// group is to be written again, and goes on from where it was. After any other the
// rows of the group are taken back, and what stays comes again.
func (f *File) Write(ctx context.Context, g *pipeline.Group) (settled bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	if err := f.rows.collect(g); err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if settled, err = f.writeLocked(g); err != nil {
		return false, transient(err)
	}
	f.reached = stageNone
	f.cfg.DeadLetters.Done()
	f.rows.release(g)
	return settled, nil
}

// writeLocked takes a group over, into the part that is open or the next one.
func (f *File) writeLocked(g *pipeline.Group) (settled bool, err error) {
	if err := f.usableLocked(); err != nil {
		return false, err
	}
	if f.reached == stageNone {
		if err := f.rotateLocked(); err != nil {
			return false, err
		}
		if err := f.beginLocked(); err != nil {
			return false, err
		}
	}
	return f.takeLocked(g)
}

// usableLocked sees to it that rows can be written: a rotation that was begun is
// carried to its end, and the file must still have its name.
func (f *File) usableLocked() error {
	switch {
	case f.failed != nil:
		return f.failed
	case f.part != nil:
		if err := f.part.log.Stays(f.cfg.FS); err != nil {
			return fmt.Errorf("write rows: %w: put it back; or stop sluice, and remove %s to read the sources from their start", err, f.sidecar.path)
		}
	case f.cfg.Rotates() && f.sidecar.content.Rotation.Finish != "":
		return f.renameLocked()
	}
	return nil
}

// takeLocked writes a group into the part that is open.
func (f *File) takeLocked(g *pipeline.Group) (settled bool, err error) {
	due := f.reached == stageAll || f.dueLocked()
	f.dirty = true
	if f.reached < stageAll {
		before := f.sizeLocked()
		if err = f.storeLocked(g); err == nil && due {
			err = f.syncLocked()
		}
		if err != nil {
			return false, f.takeBackLocked(before, err)
		}
		f.sidecar.move(g.Progress)
	}
	if !due {
		return false, nil
	}
	f.reached = stageAll
	return true, f.vouchLocked()
}

// dueLocked says whether this group is to be a checkpoint.
func (f *File) dueLocked() bool {
	switch f.cfg.Sync {
	case SyncAlways:
		return true
	case SyncClose:
		return false
	}
	raw := f.rows.size
	if f.part != nil {
		raw += f.part.raw
	}
	return raw >= checkpointBytes || f.cfg.Now().Sub(f.at) >= checkpointEvery
}

// beginLocked makes a part ready for the group's rows, if it has any.
func (f *File) beginLocked() (err error) {
	if f.rows.size == 0 {
		return nil
	}
	if f.part == nil {
		if f.part, err = openPart(f.cfg.FS, f.activePath(), f.cfg.Compress); err != nil {
			return fmt.Errorf("open rows: %w", err)
		}
	}
	if err := f.sidecar.begin(f.part.size(), f.cfg.Now()); err != nil {
		return err
	}
	f.watchLocked()
	return nil
}

// storeLocked writes the group's rows and letters.
func (f *File) storeLocked(g *pipeline.Group) (err error) {
	switch {
	case f.reached == stageRows:
		err = f.part.spill()
	case f.rows.size > 0:
		err = f.part.write(f.rows)
	}
	if err != nil {
		return fmt.Errorf("write rows: %w", err)
	}
	return f.cfg.DeadLetters.Write(g.Batches)
}

// takeBackLocked takes a group's rows back after an error. Rows that are compressed
// already stay, if the error passes, with the group on its way; otherwise they
// cannot be told from those before them, and nothing more can be written.
func (f *File) takeBackLocked(before int64, cause error) error {
	switch {
	case f.part == nil:
	case f.part.enc == nil:
		return errors.Join(cause, f.part.log.CutTo(before))
	case disk.Passes(cause):
		if f.rows.size > 0 {
			f.reached = stageRows
		}
	default:
		f.failed = cause
		return errors.Join(cause, f.part.log.CutTo(f.part.synced))
	}
	return cause
}

func (f *File) sizeLocked() int64 {
	if f.part == nil {
		return 0
	}
	return f.part.size()
}

// syncLocked makes dead letters and rows durable. After an error that does not
// pass nothing is known of what was written, and nothing more may be vouched for.
func (f *File) syncLocked() error {
	err := f.cfg.DeadLetters.Sync()
	if err == nil && f.part != nil {
		if err = f.part.sync(); err != nil {
			err = fmt.Errorf("sync rows: %w", err)
		}
	}
	if err != nil && !disk.Passes(err) {
		f.failed = err
	}
	return err
}

// vouchLocked stores the progress of what syncLocked has made durable.
func (f *File) vouchLocked() error {
	now := f.cfg.Now()
	if err := f.sidecar.store(f.sizeLocked(), now); err != nil {
		return err
	}
	f.settledLocked(now)
	return nil
}

// settledLocked notes that all that was taken over is durable and vouched for.
func (f *File) settledLocked(now time.Time) {
	if f.part != nil {
		f.part.checkpoint()
	}
	f.at, f.dirty = now, false
}

// Flush implements pipeline.Sink.
func (f *File) Flush(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.usableLocked()
	if err == nil {
		err = f.syncLocked()
	}
	if err == nil {
		err = f.vouchLocked()
	}
	return transient(err)
}

// Close closes the files. What was not flushed is not vouched for; if there is
// nothing of that kind, a file that is to be rotated is finished.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil
	}
	f.closed = true
	var err error
	if f.cfg.Rotates() && !f.dirty && f.failed == nil && f.sizeLocked() > 0 {
		err = f.finishLocked()
	}
	return errors.Join(err, f.releaseLocked())
}

// releaseLocked closes what is open and gives up the locks.
func (f *File) releaseLocked() error {
	var errs []error
	if f.timer != nil {
		f.timer.Stop()
	}
	if f.part != nil {
		errs = append(errs, f.part.log.Close())
		f.part = nil
	}
	errs = append(errs, f.cfg.DeadLetters.Close())
	for _, l := range f.locks {
		errs = append(errs, l.Close())
	}
	f.locks = nil
	return errors.Join(errs...)
}
