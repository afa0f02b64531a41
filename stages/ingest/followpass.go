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

// errChanged says that a file was cut, or written anew, while it was read.
var errChanged = errors.New("the file was cut while it was read")

// passKind is what a pass is to do.
type passKind int

const (
	passResume passKind = iota // find the place where an earlier run got to
	passLines                  // read the whole lines of a plain file
	passEnd                    // read a plain file to its end
	passWhole                  // read a compressed file
)

// pass is one go at a file. It owns a copy of what is known of the place, so
// that Run's goroutine and its own share nothing.
type pass struct {
	f        *followed
	kind     passKind
	size     int64 // of the file, as it was looked at
	file     *os.File
	path     string
	form     format
	identity identity
	progress pipeline.Progress
	limit    int
	warn     func(string)

	at      pipeline.Point
	trail   trail
	scanned int64
	resumed bool
	whole   bool
	read    int64 // bytes of the file
	err     error
	fault   bool // err is one of reading
}

func (l *Follow) newPass(f *followed, kind passKind) *pass {
	known := &l.content.register.files[f.known]
	p := known.progress
	p.Name = f.path
	return &pass{
		f: f, kind: kind, size: f.info.Size(), file: f.file, path: f.path, form: f.form,
		identity: known.identity, progress: p, limit: p.LineLimit(l.cfg.MaxRecordBytes), warn: l.cfg.Warn,
		at: f.at, trail: f.trail, scanned: f.scanned,
	}
}

// run does the pass; open gives the file's intake.
func (p *pass) run(ctx context.Context, open openFunc) {
	switch p.kind {
	case passResume:
		p.resume(ctx)
	case passLines:
		p.readLines(ctx, open)
	case passEnd:
		p.readTo(ctx, p.size, open)
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

// readLines reads up to the last line end, or what is passBytes ahead of it.
func (p *pass) readLines(ctx context.Context, open openFunc) {
	var end int64
	end, p.scanned, p.err = lineEnd(p.file, p.at.Position, p.scanned, p.size)
	if p.err != nil {
		p.fault = !errors.Is(p.err, errChanged)
		return
	}
	if end > 0 {
		p.readTo(ctx, end, open)
	}
}

// readTo reads a plain file up to a place.
func (p *pass) readTo(ctx context.Context, end int64, open openFunc) {
	if p.at.Position == 0 { // at others what stands before them is compared
		head := make([]byte, p.identity.length)
		if n, err := p.file.ReadAt(head, 0); n < len(head) || !p.identity.matches(head) {
			p.err = changed(err)
			p.fault = !errors.Is(p.err, errChanged)
			return
		}
	}
	src := &sectionReader{file: p.file, at: p.at.Position, end: end, before: p.trail}
	p.pump(ctx, src, open)
	p.read = src.read
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
