package ingest

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sluice/pipeline"
)

// following is a folder whose files are followed, in a bubble. What comes in is
// stored chunk by chunk, as a sink would.
type following struct {
	*world
	names []string
	l     *Follow
	stop  context.CancelFunc
	ended chan error

	mu    sync.Mutex // guards what follows, and stored and warnings of world
	lines []string   // all that came in, in order
}

// inBubble runs a test on an empty folder.
func inBubble(t *testing.T, test func(w *following)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &following{world: &world{t: t, dir: dir}}
		w.cfg = Config{MaxRecordBytes: 1 << 20, Warn: func(s string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.warnings = append(w.warnings, strings.ReplaceAll(s, dir+"/", ""))
		}}
		test(w)
	})
}

// follow begins to follow names, from what is stored.
func (w *following) follow(names ...string) {
	w.t.Helper()
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = w.path(name)
	}
	w.names = names
	l, err := OpenFollow(paths, slices.Clone(w.stored), w.fromStart, w.cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	w.l = l
	ctx, cancel := context.WithCancel(w.t.Context())
	w.stop, w.ended = cancel, make(chan error, 1)
	go func() { w.ended <- l.run(ctx, w.intake) }()
	w.wait(0)
}

func (w *following) intake(start pipeline.Progress) (intake, error) {
	rec := &recorder{start: start}
	rec.onFlush = func(context.Context) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		if rec.gap {
			w.t.Errorf("%s: chunks do not follow each other", start.Name)
		}
		w.store(rec)
		for _, l := range rec.lines {
			if l.Position >= max(start.Frontier, start.Lanes[0]) {
				w.lines = append(w.lines, l.Raw)
			}
		}
		rec.lines = nil
		return nil
	}
	return rec, nil
}

// wait lets so much time pass.
func (w *following) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// look lets all files be looked at, patterns as well.
func (w *following) look() { w.wait(listEvery * FollowInterval) }

// end ends the run.
func (w *following) end() error {
	w.stop()
	return <-w.ended
}

// gotUnordered compares what came in, of files that have no order between them.
func (w *following) gotUnordered(want ...string) {
	w.t.Helper()
	w.mu.Lock()
	slices.Sort(w.lines)
	w.mu.Unlock()
	w.got(want...)
}

func (w *following) again() {
	w.t.Helper()
	if err := w.end(); err != nil {
		w.t.Fatal(err)
	}
	w.follow(w.names...)
}

// got compares what came in since it was last asked.
func (w *following) got(want ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.lines, want) {
		w.t.Errorf("came in: %q, want %q", w.lines, want)
	}
	w.lines = nil
}

func (w *following) warned(want ...string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range max(len(want), len(w.warnings)) {
		if i >= len(want) || i >= len(w.warnings) || !strings.Contains(w.warnings[i], want[i]) {
			w.t.Errorf("warnings %q, want %q", w.warnings, want)
			break
		}
	}
	w.warnings = nil
}

// copyTo copies a file, as copytruncate does before it truncates.
func (w *following) copyTo(from, to string) {
	w.t.Helper()
	text, err := os.ReadFile(w.path(from))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(to, string(text))
}

// zip compresses a file in its place, as logrotate does: its time stays.
func (w *following) zip(name string) {
	w.t.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	w.write(name+".gz", string(gzipped(w.t, string(text))))
	w.remove(name)
}

// date says when files were last written to: one a minute, from now on.
func (w *following) date(names ...string) {
	w.t.Helper()
	for i, name := range names {
		at := time.Now().Add(time.Duration(i) * time.Minute)
		if err := os.Chtimes(w.path(name), at, at); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *following) truncate(name string, size int64) {
	w.t.Helper()
	if err := os.Truncate(w.path(name), size); err != nil {
		w.t.Fatal(err)
	}
}
