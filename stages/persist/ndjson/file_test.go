package ndjson

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

// bench is a file sink in a folder of its own, on a disk that can fail.
type bench struct {
	t      *testing.T
	dir    string
	faults *disktest.Faults
	now    time.Time
}

func newBench(t *testing.T) *bench {
	return &bench{t: t, dir: t.TempDir(), faults: disktest.New(disk.OS), now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
}

func (w *bench) clock() time.Time        { return w.now }
func (w *bench) path(name string) string { return filepath.Join(w.dir, name) }

func (w *bench) config() FileConfig {
	return FileConfig{FS: w.faults, Path: w.path("out.ndjson"), Now: w.clock,
		DeadLetters: deadletter.NewFile(w.faults, w.path("dead.ndjson"), w.clock)}
}

func (w *bench) open() *File {
	w.t.Helper()
	f, err := OpenFile(w.config())
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// group is one row n, one dead letter and the progress to n.
func (w *bench) group(n int64) *pipeline.Group {
	w.t.Helper()
	b := pipeline.NewBatch(pipeline.LaneNormal, fmt.Sprintf(`{"n":%d}`, n), fmt.Sprintf(`bad %d`, n))
	b.Record(1).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeNotJSON})
	if err := NewEncoder(nil).Process(w.t.Context(), b); err != nil {
		w.t.Fatal(err)
	}
	return &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{{Source: "s", Name: "in", Frontier: n}}}
}

func (w *bench) write(f *File, n int64, settled bool) {
	w.t.Helper()
	got, err := f.Write(w.t.Context(), w.group(n))
	if err != nil || got != settled {
		w.t.Fatalf("write %d: settled %v, %v; expected %v", n, got, err, settled)
	}
}

func (w *bench) read(name string) string {
	w.t.Helper()
	text, err := os.ReadFile(w.path(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return string(text)
}

// frontier is what a new process would find stored.
func (w *bench) frontier() int64 {
	w.t.Helper()
	f := w.open()
	defer f.Close()
	all := f.Progress()
	if len(all) == 0 {
		return -1
	}
	return all[0].Frontier
}

func TestGroupsAreSettledAtCheckpoints(t *testing.T) {
	w := newBench(t)
	f := w.open()
	w.write(f, 1, false)
	w.now = w.now.Add(checkpointEvery - 1)
	w.write(f, 2, false)
	w.now = w.now.Add(1)
	w.write(f, 3, true)
	w.write(f, 4, false)
	if err := f.Close(); err != nil { // as if killed here
		t.Fatal(err)
	}
	if got := w.frontier(); got != 3 {
		t.Errorf("progress: got %d, expected that of the checkpoint, 3", got)
	}
	if got := w.read("out.ndjson"); got != "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n{\"n\":4}\n" {
		t.Errorf("rows: got %q", got)
	}
}

func TestMuchIsSettledSooner(t *testing.T) {
	w := newBench(t)
	f := w.open()
	defer f.Close()
	line := `{"x":"` + strings.Repeat("x", 4<<20) + `"}`
	for i := range 32 {
		b := pipeline.NewBatch(0, line)
		if err := NewEncoder(nil).Process(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		settled, err := f.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{b}})
		if err != nil || settled != (i == 31) {
			t.Fatalf("MiB %d: settled %v, %v", 4*(i+1), settled, err)
		}
	}
}

func TestDeadLettersAndRowsAreSyncedBeforeProgress(t *testing.T) {
	w := newBench(t)
	f := w.open()
	w.write(f, 1, false)
	before := len(w.faults.Log())
	if err := f.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	sidecar := w.path("out.ndjson.progress.json")
	want := []string{"sync " + w.path("dead.ndjson"), "sync " + w.path("out.ndjson"),
		"open " + sidecar + ".tmp", "write " + sidecar + ".tmp", "sync " + sidecar + ".tmp", "rename " + sidecar, "syncdir " + w.dir}
	if got := w.faults.Log()[before:]; !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// Whatever operation fails, the error is reported and a new process finds whole
// lines and no progress beyond the rows that are there.
func TestNoFailureOfTheDiskLosesARow(t *testing.T) {
	for _, operation := range []string{"write", "sync", "rename", "open", "syncdir"} {
		for nth := 1; nth <= 5; nth++ {
			t.Run(fmt.Sprintf("%s number %d", operation, nth), func(t *testing.T) {
				w := newBench(t)
				f := w.open()
				w.write(f, 1, false)
				w.now = w.now.Add(checkpointEvery)
				w.write(f, 2, true)
				w.faults.Fail(operation, nth, syscall.ENOSPC)
				failed := false
				for n := int64(3); n <= 6 && !failed; n++ {
					w.now = w.now.Add(checkpointEvery)
					_, err := f.Write(t.Context(), w.group(n))
					if failed = err != nil; failed && (!errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), w.dir)) {
						t.Errorf("the error does not say where: %v", err)
					}
				}
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
				w.faults.Fail(operation, 1<<30, nil)
				frontier, rows := w.frontier(), w.read("out.ndjson")
				if rows != "" && !strings.HasSuffix(rows, "\n") {
					t.Errorf("torn: %q", rows)
				}
				for n := int64(1); n <= frontier; n++ {
					if !strings.Contains(rows, fmt.Sprintf("{\"n\":%d}\n", n)) || !strings.Contains(w.read("dead.ndjson"), fmt.Sprintf("bad %d", n)) {
						t.Errorf("progress is at %d, but %d is not there", frontier, n)
					}
				}
				if frontier < 2 {
					t.Errorf("progress went back to %d", frontier)
				}
			})
		}
	}
}

func TestTruncateStartsAnew(t *testing.T) {
	w := newBench(t)
	f := w.open()
	w.write(f, 1, false)
	if err := errors.Join(f.Flush(t.Context()), f.Close()); err != nil {
		t.Fatal(err)
	}
	cfg := w.config()
	cfg.Truncate = true
	f, err := OpenFile(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Progress()) != 0 || w.read("out.ndjson") != "" || w.read("out.ndjson.progress.json") != "" {
		t.Errorf("left: progress %v, rows %q", f.Progress(), w.read("out.ndjson"))
	}
	w.write(f, 2, false)
	if err := errors.Join(f.Flush(t.Context()), f.Close()); err != nil {
		t.Fatal(err)
	}
	if got := w.read("out.ndjson"); got != "{\"n\":2}\n" {
		t.Errorf("got %q", got)
	}
}

func TestATornTailIsCutAndTheRowComesAgain(t *testing.T) {
	w := newBench(t)
	f := w.open()
	w.write(f, 1, false)
	if err := errors.Join(f.Flush(t.Context()), f.Close()); err != nil {
		t.Fatal(err)
	}
	torn, err := os.OpenFile(w.path("out.ndjson"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = torn.WriteString(`{"n":2,"half`)
	if err := errors.Join(err, torn.Close()); err != nil {
		t.Fatal(err)
	}
	f = w.open()
	w.write(f, 2, false)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := w.read("out.ndjson"); got != "{\"n\":1}\n{\"n\":2}\n" {
		t.Errorf("got %q", got)
	}
}

func TestProgressWithoutItsRowsIsAnError(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(w *bench) error
		want   string
	}{
		"the rows are gone":        {func(w *bench) error { return os.Remove(w.path("out.ndjson")) }, "vouches for 8 of them"},
		"the rows are cut":         {func(w *bench) error { return os.Truncate(w.path("out.ndjson"), 3) }, "remove "},
		"the progress is not ours": {func(w *bench) error { return os.WriteFile(w.path("out.ndjson.progress.json"), []byte("{"), 0o600) }, "is not as sluice writes it"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newBench(t)
			f := w.open()
			w.write(f, 1, false)
			if err := errors.Join(f.Flush(t.Context()), f.Close(), c.damage(w)); err != nil {
				t.Fatal(err)
			}
			err := Check(disk.OS, w.path("out.ndjson"), Options{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Check: %v; expected %q in it", err, c.want)
			}
			if _, err := OpenFile(w.config()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("OpenFile: %v; expected %q in it", err, c.want)
			}
		})
	}
}
