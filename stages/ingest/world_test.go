package ingest

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sluice/pipeline"
)

// world is a folder of files and a sink's memory of their progress.
type world struct {
	t         *testing.T
	dir       string
	stored    []pipeline.Progress
	fromStart bool
	cfg       Config
	warnings  []string
	files     *Files
	stopAfter int // chunks, 0 for never
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir()}
	w.cfg = Config{MaxRecordBytes: 1000, Warn: func(s string) { w.warnings = append(w.warnings, s) }}
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) write(name, content string) {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), []byte(content), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) grow(name, content string) {
	w.t.Helper()
	f, err := os.OpenFile(w.path(name), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		w.t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(content); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) rename(from, to string) {
	w.t.Helper()
	if err := os.Rename(w.path(from), w.path(to)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) remove(name string) {
	w.t.Helper()
	if err := os.Remove(w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) open(names ...string) error {
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = w.path(name)
	}
	var err error
	w.files, err = OpenFiles(paths, w.stored, w.fromStart, w.cfg)
	return err
}

// run reads the files and stores their progress, chunk by chunk. It returns
// the lines of each file that had new ones.
func (w *world) run(names ...string) (map[string][]taken, error) {
	w.t.Helper()
	if err := w.open(names...); err != nil {
		w.t.Fatal(err)
	}
	return w.resume()
}

// resume runs what open has opened.
func (w *world) resume() (map[string][]taken, error) {
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	recs := map[string]*recorder{}
	chunks := 0
	err := w.files.run(ctx, func(start pipeline.Progress) (intake, error) {
		rec := &recorder{start: start}
		recs[filepath.Base(start.Name)] = rec
		rec.onFlush = func(context.Context) error {
			w.store(rec)
			if chunks++; chunks == w.stopAfter {
				cancel()
			}
			return nil
		}
		return rec, nil
	})
	lines := map[string][]taken{}
	for name, rec := range recs {
		if rec.gap {
			w.t.Errorf("%s: chunks do not follow each other", name)
		}
		lines[name] = rec.lines
	}
	return lines, err
}

// store does what a sink does after each chunk, fence included.
func (w *world) store(rec *recorder) {
	p, end := rec.start, rec.points[len(rec.points)-1]
	if p.Source == "" {
		return
	}
	i := slices.IndexFunc(w.stored, func(s pipeline.Progress) bool { return s.Source == p.Source })
	if i < 0 {
		i = len(w.stored)
		w.stored = append(w.stored, pipeline.Progress{})
	}
	if w.stored[i].Version != p.Version {
		w.t.Errorf("%s: version %d is stored, the source goes on from %d", p.Name, w.stored[i].Version, p.Version)
	}
	p.Version++
	p.Frontier, p.Line, p.Mark, p.High = end.Position, end.Line, end.Mark, end.Position
	w.stored[i], rec.start = p, p
}

// expect runs the files and compares the lines of each, given as
// "name: line line"; a file without new lines is left out.
func (w *world) expect(names string, want ...string) {
	w.t.Helper()
	got, err := w.run(strings.Fields(names)...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.compare(got, want...)
}

func (w *world) compare(got map[string][]taken, want ...string) {
	w.t.Helper()
	var texts []string
	for name, lines := range got {
		var text strings.Builder
		text.WriteString(name + ":")
		for _, l := range lines {
			text.WriteString(" " + l.Raw)
		}
		texts = append(texts, text.String())
	}
	slices.Sort(texts)
	slices.Sort(want)
	if !slices.Equal(texts, want) {
		w.t.Errorf("new lines %q, want %q", texts, want)
	}
}

func (w *world) reports(want ...FileReport) {
	w.t.Helper()
	got := w.files.Reports()
	for i := range got {
		got[i].Path = filepath.Base(got[i].Path)
		if got[i].Known != "" {
			got[i].Known = filepath.Base(got[i].Known)
		}
	}
	if !slices.Equal(got, want) {
		w.t.Errorf("reports %+v, want %+v", got, want)
	}
}
