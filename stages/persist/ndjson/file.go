package ndjson

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
)

// A checkpoint comes when one of these is reached.
const (
	checkpointEvery = time.Second
	checkpointBytes = 64 << 20
)

var errNotEncoded = errors.New("a batch came without its rows: the last stage must be the sink's Encoder")

// FileConfig says where a File writes.
type FileConfig struct {
	FS          disk.FS
	Path        string
	Truncate    bool // start anew: rows and progress of earlier runs go away
	DeadLetters *deadletter.File
	Now         func() time.Time
}

// File is the sink for an NDJSON file. It holds the file locked while it is
// open. Dead letters are synced before the progress that vouches for them.
type File struct {
	cfg     FileConfig
	rows    *disk.Log
	sidecar *sidecar
	buf     []byte
	synced  int64     // size of rows at the last checkpoint
	at      time.Time // of the last checkpoint
}

// OpenFile opens or makes the file. Another process that has it open is
// reported as an error that wraps pipeline.ErrFenced.
func OpenFile(cfg FileConfig) (*File, error) {
	rows, err := disk.OpenLog(cfg.FS, cfg.Path, disk.Exclusive, nil)
	if errors.Is(err, disk.ErrLocked) {
		return nil, fmt.Errorf("%w: %w: stop the other sluice, or write to another file", err, pipeline.ErrFenced)
	}
	if err != nil {
		return nil, fmt.Errorf("open rows: %w", err)
	}
	f := &File{cfg: cfg, rows: rows, at: cfg.Now()}
	if err := f.start(); err != nil {
		return nil, errors.Join(err, rows.Close())
	}
	return f, nil
}

func (f *File) start() (err error) {
	path := f.cfg.Path + ProgressSuffix
	if f.cfg.Truncate {
		// The progress goes first: it must never vouch for rows that are gone.
		if err := removeSidecar(f.cfg.FS, path); err != nil {
			return err
		}
		if err := f.rows.CutTo(0); err != nil {
			return err
		}
	}
	f.sidecar, err = openSidecar(f.cfg.FS, path, f.cfg.Path, f.rows.Size())
	if err == nil {
		err = f.rows.Mend(f.sidecar.ours)
	}
	f.synced = f.rows.Size()
	return err
}

// Progress returns the progress of all sources.
func (f *File) Progress() []pipeline.Progress { return f.sidecar.all() }

// Write implements pipeline.Sink. After an error the rows of the group are
// taken back, unless it was their progress that could not be stored: it may
// stand in the file all the same, and must find its rows. Dead letters cannot
// be taken back. What stays comes again.
func (f *File) Write(ctx context.Context, g *pipeline.Group) (settled bool, err error) {
	if err := context.Cause(ctx); err != nil {
		return false, err
	}
	if f.buf, err = appendLines(f.buf[:0], g); err != nil {
		return false, err
	}
	due := f.cfg.Now().Sub(f.at) >= checkpointEvery || f.rows.Size()+int64(len(f.buf))-f.synced >= checkpointBytes
	before := f.rows.Size()
	err = f.store(g)
	if err == nil && due {
		err = f.sync()
	}
	if err != nil {
		return false, errors.Join(err, f.rows.CutTo(before))
	}
	f.sidecar.move(g.Progress)
	if !due {
		return false, nil
	}
	return true, f.vouch()
}

func (f *File) store(g *pipeline.Group) error {
	if len(f.buf) > 0 {
		if err := f.sidecar.begin(f.rows.Size()); err != nil {
			return err
		}
		if err := f.rows.Write(f.buf); err != nil {
			return fmt.Errorf("write rows: %w", err)
		}
	}
	return f.cfg.DeadLetters.Write(g.Batches)
}

// sync makes dead letters and rows durable.
func (f *File) sync() error {
	if err := f.cfg.DeadLetters.Sync(); err != nil {
		return err
	}
	if err := f.rows.Sync(); err != nil {
		return fmt.Errorf("sync rows: %w", err)
	}
	return nil
}

// vouch stores the progress of what sync has made durable.
func (f *File) vouch() error {
	now := f.cfg.Now()
	if err := f.sidecar.store(f.rows.Size(), now); err != nil {
		return err
	}
	f.synced, f.at = f.rows.Size(), now
	return nil
}

// Flush implements pipeline.Sink.
func (f *File) Flush(context.Context) error {
	if err := f.sync(); err != nil {
		return err
	}
	return f.vouch()
}

// Close closes the files. What was not flushed is not vouched for.
func (f *File) Close() error {
	return errors.Join(f.rows.Close(), f.cfg.DeadLetters.Close())
}
