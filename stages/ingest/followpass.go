package ingest

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"sync/atomic"

	"sluice/pipeline"
)

// errShrunk says that a file became shorter while it was read.
var errShrunk = errors.New("the file became shorter while it was read")

// passKind is what a pass is to do.
type passKind int

const (
	passResume passKind = iota // find the place where an earlier run got to
	passLines                  // read a plain file up to a place behind a line end
	passWhole                  // read a compressed file
)

// pass is one go at a file. It owns a copy of what is known of the place, so
// that Run's goroutine and its own share nothing.
type pass struct {
	f        *followed
	kind     passKind
	end      int64
	file     *os.File
	path     string
	form     format
	progress pipeline.Progress
	limit    int
	warn     func(string)

	at      pipeline.Point
	trail   trail
	resumed bool
	whole   bool
	read    int64 // bytes of the file
	err     error
	fault   bool // err is one of reading
}

func (l *Follow) newPass(f *followed, kind passKind, end int64) *pass {
	p := l.content.register.files[f.known].progress
	p.Name = f.path
	return &pass{
		f: f, kind: kind, end: end, file: f.file, path: f.path, form: f.form, progress: p,
		limit: p.LineLimit(l.cfg.MaxRecordBytes), warn: l.cfg.Warn, at: f.at, trail: f.trail,
	}
}

// run does the pass; open gives the file's intake.
func (p *pass) run(ctx context.Context, open openFunc) {
	switch p.kind {
	case passResume:
		p.resume(ctx)
	case passLines:
		src := &sectionReader{file: p.file, at: p.at.Position, end: p.end}
		p.pump(ctx, src, open)
		p.read = src.read
	case passWhole:
		p.readWhole(ctx, open)
	}
}

// resume proves the stored place. Nothing is read beyond it.
func (p *pass) resume(ctx context.Context) {
	var count atomic.Int64
	if _, p.err = p.file.Seek(0, io.SeekStart); p.err == nil {
		var in *input
		if in, p.err = resumeInput(ctx, p.file, p.form, p.progress, &count); p.err == nil {
			p.at, p.trail, p.resumed = in.start, in.trail, true
		}
	}
	p.fault = p.err != nil && !errors.Is(p.err, errOtherFile)
}

// readWhole reads a compressed file from its place to its end.
func (p *pass) readWhole(ctx context.Context, open openFunc) {
	var count atomic.Int64
	if _, p.err = p.file.Seek(0, io.SeekStart); p.err != nil {
		p.fault = true
		return
	}
	in, err := resumeInput(ctx, p.file, p.form, p.progress, &count)
	if err != nil {
		p.err, p.fault = err, !errors.Is(err, errOtherFile)
		return
	}
	p.at, p.trail, p.resumed = in.start, in.trail, true
	p.pump(ctx, in.src, open)
	p.read, p.whole = count.Load(), p.err == nil
}

// pump moves what src gives to the intake.
func (p *pass) pump(ctx context.Context, src io.Reader, open openFunc) {
	source := &faultReader{r: src}
	r := newReader(source, p.limit, false, true)
	r.at, r.trail = p.at, p.trail
	var wg sync.WaitGroup
	wg.Go(r.run)
	fr := framer{
		name: p.path, maxBytes: p.limit, quota: newQuota(0), warn: p.warn,
		at: p.at.Position, inLine: p.trail.inLine(),
	}
	p.err = fr.pump(ctx, r, func() (intake, error) { return open(p.progress) })
	r.halt()
	wg.Wait()
	p.at, p.trail = r.at, r.trail
	p.fault = p.err != nil && source.err != nil
}

// sectionReader gives a part of a file. Where the file has become shorter the
// error is errShrunk: a line that is cut off there is not taken for whole.
type sectionReader struct {
	file    *os.File
	at, end int64
	read    int64
}

// Read implements io.Reader.
func (s *sectionReader) Read(b []byte) (int, error) {
	if s.at >= s.end {
		return 0, io.EOF
	}
	n, err := s.file.ReadAt(b[:min(int64(len(b)), s.end-s.at)], s.at)
	s.at += int64(n)
	s.read += int64(n)
	if n > 0 {
		return n, nil
	}
	return 0, shrunk(err)
}
