package ingest

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"sync/atomic"

	"sluice/pipeline"
)

// Stream is the source for an input that can be read only once: standard
// input, a named pipe. It owns the input across runs: when a run ends, what was
// read and not yet handed over, down to half a line, waits for the next Run,
// which goes on with the very next line. It has no identity, so its progress
// is not stored.
//
// The input may be plain, gzip or zstd. A line passes as soon as it is there.
// When a compressed input breaks off, or any input fails, its whole lines are
// delivered, a last torn one is not, and Run returns the error.
type Stream struct {
	name   string
	cfg    Config
	reader *reader
	quota  *quota
	start  sync.Once
	halt   sync.Once
	read   atomic.Int64
	size   int64
}

// NewStream returns a source that reads r, which a person calls name. Nothing
// is read before the first Run; from then on a goroutine owns r until it ends,
// because a read that blocks cannot be cancelled.
func NewStream(r io.Reader, name string, cfg Config) *Stream {
	return newStream(r, name, cfg, newQuota(cfg.Limit))
}

func newStream(r io.Reader, name string, cfg Config, q *quota) *Stream {
	s := &Stream{name: name, cfg: cfg.withDefaults(), quota: q, size: regularSize(r)}
	src := newDecoder(r, &s.read)
	s.reader = newReader(src, s.cfg.MaxRecordBytes, s.size < 0, false)
	return s
}

// Run implements pipeline.Source. When ctx ends it returns nil between two
// chunks, having flushed what it framed; a read that blocks does not hold it
// up. Runs must not overlap.
func (s *Stream) Run(ctx context.Context, feed pipeline.Feed) error {
	return s.run(ctx, intakeOf(feed, s.cfg.Rule))
}

func (s *Stream) run(ctx context.Context, open openFunc) error {
	s.start.Do(func() { go s.reader.run() })
	f := framer{name: s.name, maxBytes: s.cfg.MaxRecordBytes, quota: s.quota, warn: s.cfg.Warn}
	err := f.pump(ctx, s.reader, func() (intake, error) { return open(pipeline.Progress{Name: s.name}) })
	if s.quota.spent() {
		s.Close()
	}
	if err == nil || ctx.Err() != nil && err == context.Cause(ctx) {
		return nil
	}
	return fmt.Errorf("read %s: %w", s.name, err)
}

// Close makes the reading goroutine end once its read returns, and gives up
// what it has read. It does not wait and does not close the input. A program
// that exits need not call it.
func (s *Stream) Close() { s.halt.Do(s.reader.halt) }

// Progress returns the bytes read of the input, as they come before
// decompression, and its size, -1 when that is unknown. For any goroutine.
func (s *Stream) Progress() (read, size int64) { return s.read.Load(), s.size }

// regularSize returns how many bytes r has to give when it is a regular file,
// -1 otherwise.
func regularSize(r io.Reader) int64 {
	f, ok := r.(interface {
		Stat() (fs.FileInfo, error)
		io.Seeker
	})
	if !ok {
		return -1
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return -1
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return -1
	}
	return max(0, info.Size()-at)
}
