package ndjson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

// rotated returns a configuration with these options.
func (w *bench) rotated(o Options) FileConfig {
	cfg := w.config()
	cfg.Options = o
	return cfg
}

func (w *bench) openAs(o Options) *File {
	w.t.Helper()
	f, err := OpenFile(w.rotated(o))
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// large is a group of a row n of about a KiB and the progress to n.
func (w *bench) large(n int64) *pipeline.Group {
	w.t.Helper()
	b := pipeline.NewBatch(pipeline.LaneNormal, fmt.Sprintf(`{"n":%d,"x":"%s"}`, n, strings.Repeat(fmt.Sprint(n), 500)))
	if err := NewEncoder(nil).Process(w.t.Context(), b); err != nil {
		w.t.Fatal(err)
	}
	return &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{{Source: "s", Name: "in", Frontier: n}}}
}

func (w *bench) put(f *File, from, to int64) {
	w.t.Helper()
	for n := from; n <= to; n++ {
		if _, err := f.Write(w.t.Context(), w.large(n)); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *bench) end(f *File) {
	w.t.Helper()
	if err := errors.Join(f.Flush(w.t.Context()), f.Close()); err != nil {
		w.t.Fatal(err)
	}
}

// files returns the names in the folder that match a pattern.
func (w *bench) files(pattern string) []string {
	w.t.Helper()
	paths, err := filepath.Glob(w.path(pattern))
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range paths {
		paths[i] = filepath.Base(paths[i])
	}
	return paths
}

// numbers returns the rows of a file, which must be whole.
func (w *bench) numbers(name string) (all []int64) {
	w.t.Helper()
	text := []byte(w.read(name))
	text, err := unpack(text)
	if err != nil {
		w.t.Fatalf("%s: %v", name, err)
	}
	if len(text) > 0 && !bytes.HasSuffix(text, newline) {
		w.t.Fatalf("%s: its last line is torn", name)
	}
	for line := range bytes.Lines(text) {
		var row struct{ N int64 }
		if err := json.Unmarshal(line, &row); err != nil {
			w.t.Fatalf("%s: %q: %v", name, line, err)
		}
		all = append(all, row.N)
	}
	return all
}

var newline = []byte("\n")

func unpack(text []byte) ([]byte, error) {
	switch sniff(text) {
	case Gzip:
		z, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	case Zstd:
		z, err := zstd.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return io.ReadAll(z)
	}
	return text, nil
}

func TestFilesAreFinishedBySize(t *testing.T) {
	w := newBench(t)
	f := w.openAs(Options{RotateSize: 4 << 10})
	w.put(f, 1, 20)
	w.end(f)
	names := w.files("out-*")
	if len(names) < 3 || names[0] != "out-20260102T030405Z-000001.ndjson" || names[1] != "out-20260102T030405Z-000002.ndjson" {
		t.Errorf("files: %v", names)
	}
	var all []int64
	for _, name := range names {
		if info, err := os.Stat(w.path(name)); err != nil || info.Size() > 4<<10 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
		all = append(all, w.numbers(name)...)
	}
	if len(all) != 20 || !slices.IsSorted(all) {
		t.Errorf("rows: %v", all)
	}
	if left := w.files("*.partial"); left != nil {
		t.Errorf("left: %v", left)
	}
	f = w.openAs(Options{RotateSize: 4 << 10})
	if got := f.Progress(); len(got) != 1 || got[0].Frontier != 20 {
		t.Errorf("progress: %v", got)
	}
	w.end(f)
	if again := w.files("out-*"); !slices.Equal(again, names) {
		t.Errorf("a run without rows made %v", again)
	}
}

// A row larger than a file is a file.
func TestARowLargerThanAFileIsAFileOfItsOwn(t *testing.T) {
	w := newBench(t)
	f := w.openAs(Options{RotateSize: 100})
	w.put(f, 1, 3)
	w.end(f)
	for i, name := range w.files("out-*") {
		if got := w.numbers(name); len(got) != 1 || got[0] != int64(i+1) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestFilesAreFinishedByTimeAlsoWhenNothingComes(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &bench{t: t, dir: dir, faults: disktest.New(disk.OS)}
		cfg := w.rotated(Options{RotateEvery: time.Minute, Sync: SyncClose})
		cfg.Now, cfg.DeadLetters = time.Now, deadletter.NewFile(w.faults, w.path("dead.ndjson"), time.Now)
		f, err := OpenFile(cfg)
		if err != nil {
			t.Fatal(err)
		}
		w.put(f, 1, 2)
		time.Sleep(time.Minute - 1)
		synctest.Wait()
		if got := w.files("out-*"); got != nil {
			t.Errorf("a nanosecond before its time: %v", got)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if got := w.files("out-*"); len(got) != 1 || len(w.numbers(got[0])) != 2 {
			t.Errorf("at its time: %v", got)
		}
		time.Sleep(10 * time.Minute)
		w.put(f, 3, 3)
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := w.files("out-*"); len(got) != 2 {
			t.Errorf("a minute after the next row: %v", got)
		}
		w.end(f)
		if got := f.Progress(); len(got) != 1 || got[0].Frontier != 3 {
			t.Errorf("progress: %v", got)
		}
	})
}

func TestAFailureOfTheTimerIsTold(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &bench{t: t, dir: dir, faults: disktest.New(disk.OS)}
		cfg := w.rotated(Options{RotateEvery: time.Minute})
		cfg.Now = time.Now
		f, err := OpenFile(cfg)
		if err != nil {
			t.Fatal(err)
		}
		w.put(f, 1, 1)
		w.faults.Fail("rename", 1, syscall.EIO)
		time.Sleep(time.Minute)
		synctest.Wait()
		for range 2 {
			if _, err := f.Write(t.Context(), w.large(2)); !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "finish ") {
				t.Errorf("write: %v", err)
			}
		}
		if err := f.Flush(t.Context()); !errors.Is(err, syscall.EIO) {
			t.Errorf("flush: %v", err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A second sync may succeed though the first has lost what was written.
func TestAfterASyncThatFailedNothingIsFinished(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &bench{t: t, dir: dir, faults: disktest.New(disk.OS)}
		cfg := w.rotated(Options{RotateEvery: time.Minute, Sync: SyncAlways})
		cfg.Now = time.Now
		f, err := OpenFile(cfg)
		if err != nil {
			t.Fatal(err)
		}
		w.put(f, 1, 1)
		w.faults.Fail("sync", 1, syscall.EIO)
		if _, err := f.Write(t.Context(), w.large(2)); !errors.Is(err, syscall.EIO) {
			t.Errorf("write: %v", err)
		}
		w.faults.Fail("sync", 1<<30, nil)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if names := w.files("out-*"); len(names) != 0 {
			t.Errorf("finished: %q", names)
		}
		if err := f.Flush(t.Context()); !errors.Is(err, syscall.EIO) {
			t.Errorf("flush: %v", err)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestAFailureOfTheTimerThatPassesIsTriedAgain(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &bench{t: t, dir: dir, faults: disktest.New(disk.OS)}
		cfg := w.rotated(Options{RotateEvery: time.Minute})
		cfg.Now = time.Now
		f, err := OpenFile(cfg)
		if err != nil {
			t.Fatal(err)
		}
		w.put(f, 1, 1)
		w.faults.Fail("rename", 1, os.ErrPermission)
		time.Sleep(time.Minute)
		synctest.Wait()
		if names := w.files("out-*"); len(names) != 0 {
			t.Errorf("there is %q", names)
		}
		time.Sleep(finishAgain)
		synctest.Wait()
		if names := w.files("out-*"); len(names) != 1 {
			t.Errorf("there is %q, want a finished file", names)
		}
		w.end(f)
	})
}

func TestAFileThatWasBegunIsGoneOnWithAfterAKill(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := &bench{t: t, dir: dir, faults: disktest.New(disk.OS)}
		cfg := w.rotated(Options{RotateEvery: time.Hour})
		cfg.Now, cfg.DeadLetters = time.Now, deadletter.NewFile(w.faults, w.path("dead.ndjson"), time.Now)
		f, err := OpenFile(cfg)
		if err != nil {
			t.Fatal(err)
		}
		w.put(f, 1, 2)
		time.Sleep(2 * time.Second)
		w.put(f, 3, 3) // a checkpoint
		f.dirty = true // as after a kill: Close finishes nothing
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour - 3*time.Second)
		if f, err = OpenFile(cfg); err != nil {
			t.Fatal(err)
		}
		w.put(f, 4, 4)
		if got := w.files("out-*"); got != nil {
			t.Errorf("before its time: %v", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := w.files("out-*"); len(got) != 1 || !slices.Equal(w.numbers(got[0]), []int64{1, 2, 3, 4}) {
			t.Errorf("at its time: %v", got)
		}
		w.end(f)
	})
}

func TestOnlySoManyFinishedFilesAreKept(t *testing.T) {
	w := newBench(t)
	f := w.openAs(Options{RotateSize: 100, Keep: 2})
	w.put(f, 1, 7)
	if got := w.files("out-*"); len(got) != 2 || got[1] != "out-20260102T030405Z-000006.ndjson" {
		t.Errorf("files: %v", got)
	}
	w.end(f)
}

func TestNoFileIsOverwritten(t *testing.T) {
	w := newBench(t)
	if err := os.WriteFile(w.path("out-20260102T030405Z-000001.ndjson"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	f := w.openAs(Options{RotateSize: 100})
	w.put(f, 1, 2)
	w.end(f)
	if got := w.read("out-20260102T030405Z-000001.ndjson"); got != "mine" {
		t.Errorf("got %q", got)
	}
	if got := w.files("out-*"); len(got) != 3 {
		t.Errorf("files: %v", got)
	}
}

func TestTheFilesAreForOneProcess(t *testing.T) {
	for name, o := range map[string]Options{"that rotates": {RotateSize: 100}, "that does not": {}} {
		w := newBench(t)
		f := w.openAs(Options{RotateSize: 100})
		if _, err := OpenFile(w.rotated(o)); !errors.Is(err, pipeline.ErrFenced) || !strings.Contains(err.Error(), "stop the other") {
			t.Errorf("another %s: %v", name, err)
		}
		w.end(f)
	}
}

func TestTheOptionsMayChangeBetweenRuns(t *testing.T) {
	w := newBench(t)
	options := []Options{{}, {RotateSize: 1 << 20}, {RotateSize: 1 << 20, Compress: Zstd}, {RotateEvery: time.Hour, Compress: Gzip}, {}, {RotateSize: 1 << 20}}
	for i, o := range options {
		f := w.openAs(o)
		if got := f.Progress(); i > 0 && (len(got) != 1 || got[0].Frontier != int64(i)) {
			t.Errorf("run %d: progress %v", i+1, got)
		}
		w.put(f, int64(i+1), int64(i+1))
		err := f.Flush(t.Context())
		f.dirty = true // a part stays
		if err := errors.Join(err, f.Close(), Check(disk.OS, w.path("out.ndjson"), o)); err != nil {
			t.Fatal(err)
		}
	}
	var all []int64
	for _, name := range slices.Concat([]string{"out.ndjson"}, w.files("out-*"), w.files("*.partial")) {
		all = append(all, w.numbers(name)...)
	}
	slices.Sort(all)
	if !slices.Equal(all, []int64{1, 2, 3, 4, 5, 6}) {
		t.Errorf("rows: %v", all)
	}
}

func TestAnotherEncodingIsNotMixedIntoAFile(t *testing.T) {
	w := newBench(t)
	f := w.open()
	w.put(f, 1, 1)
	w.end(f)
	if _, err := OpenFile(w.rotated(Options{Compress: Zstd})); err == nil || !strings.Contains(err.Error(), "holds plain rows, and zstd would be appended") {
		t.Errorf("got %v", err)
	}
}

func TestAMissingPartIsAnError(t *testing.T) {
	w := newBench(t)
	o := Options{RotateSize: 1 << 20}
	f := w.openAs(o)
	w.put(f, 1, 1)
	err := f.Flush(t.Context())
	f.dirty = true
	if err := errors.Join(err, f.Close(), os.Remove(w.path("out.ndjson.partial"))); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFile(w.rotated(o)); err == nil || !strings.Contains(err.Error(), "out.ndjson.partial has 0 bytes") {
		t.Errorf("got %v", err)
	}
	if err := Check(disk.OS, w.path("out.ndjson"), o); err == nil || !strings.Contains(err.Error(), "out.ndjson.partial has 0 bytes") {
		t.Errorf("Check: %v", err)
	}
}
