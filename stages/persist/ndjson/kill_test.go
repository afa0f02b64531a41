package ndjson

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

// The process ends at every operation of the disk in turn: in the middle of a
// write, before and after each sync, rename and replacement of the progress.
// The next one must find every row that progress vouches for, nothing torn, and
// go on to the end.
func TestAKillAtAnyOperationLosesNothing(t *testing.T) {
	const groups = 6
	for name, o := range map[string]Options{
		"one file":                        {},
		"one zstd file":                   {Compress: Zstd},
		"by size":                         {RotateSize: 2 << 10},
		"by size, always synced":          {RotateSize: 2 << 10, Sync: SyncAlways},
		"by size, zstd":                   {RotateSize: 200, Compress: Zstd, Sync: SyncAlways},
		"by time, gzip, synced at finish": {RotateEvery: 3 * time.Second, Compress: Gzip, Sync: SyncClose},
		"by time, the last two kept":      {RotateEvery: 3 * time.Second, Keep: 2},
	} {
		t.Run(name, func(t *testing.T) {
			killed := true
			for at := 1; killed; at++ {
				synctest.Test(t, func(t *testing.T) { killed = killOnce(t, o, at, groups) })
			}
		})
	}
}

// killOnce runs until the at-th operation, then again to the end; false when
// there were fewer operations.
func killOnce(t *testing.T, o Options, at int, groups int64) bool {
	t.Helper()
	w := newBench(t)
	w.faults = disktest.New(unsynced{disk.OS})
	w.faults.Kill(at)
	err := w.runTo(o, groups)
	if err != nil && !errors.Is(err, disktest.ErrKilled) {
		t.Fatalf("operation %d: %v", at, err)
	}
	operations := w.faults.Log()
	last := operations[len(operations)-1]
	w.faults = disktest.New(unsynced{disk.OS})
	if vouched := w.vouchedFor(t, o); o.Keep == 0 {
		rows := w.all()
		for n := range vouched {
			if !slices.Contains(rows, n+1) {
				t.Errorf("killed at operation %d, %s: progress is at %d, but %d is nowhere", at, last, vouched, n+1)
			}
		}
	}
	if err := w.runTo(o, groups); err != nil {
		t.Fatalf("killed at operation %d, %s; then: %v", at, last, err)
	}
	w.expectWhole(o, groups, fmt.Sprintf("killed at operation %d, %s", at, last))
	return err != nil
}

// runTo opens the sink, goes on from its progress to the last group and closes.
func (w *bench) runTo(o Options, groups int64) error {
	cfg := w.rotated(o)
	cfg.Now, cfg.DeadLetters = time.Now, deadletter.NewFile(w.faults, w.path("dead.ndjson"), time.Now)
	f, err := OpenFile(cfg)
	if err != nil {
		return err
	}
	var next int64 = 1
	for _, p := range f.Progress() {
		next = p.Frontier + 1
	}
	for n := next; n <= groups && err == nil; n++ {
		time.Sleep(700 * time.Millisecond)
		_, err = f.Write(w.t.Context(), w.large(n))
	}
	if err == nil {
		err = f.Flush(w.t.Context())
	}
	return errors.Join(err, f.Close())
}

// vouchedFor is what the progress file says, as it lies there.
func (w *bench) vouchedFor(t *testing.T, o Options) int64 {
	t.Helper()
	s, err := openSidecar(disk.OS, w.path("out.ndjson"+ProgressSuffix))
	if err != nil {
		t.Fatal(err)
	}
	stored := s.all()
	if len(stored) == 0 {
		return 0
	}
	if err := Check(disk.OS, w.path("out.ndjson"), o); err != nil {
		t.Errorf("check: %v", err)
	}
	return stored[0].Frontier
}

// all returns the rows of all files; finished ones must be whole. Of a part
// only what is whole counts.
func (w *bench) all() (rows []int64) {
	for _, name := range slices.Concat(w.files("out-*"), w.files("out.ndjson"), w.files("*.partial")) {
		if strings.HasPrefix(name, "out-") {
			rows = append(rows, w.numbers(name)...)
			continue
		}
		text, _ := unpack([]byte(w.read(name))) // torn at its end
		for n := range int64(100) {
			if strings.Contains(string(text), fmt.Sprintf(`{"n":%d,`, n)) {
				rows = append(rows, n)
			}
		}
	}
	return rows
}

// expectWhole checks what a reader of the folder may rely on.
func (w *bench) expectWhole(o Options, groups int64, when string) {
	w.t.Helper()
	names := w.files("out-*")
	if !o.Rotates() {
		names = []string{"out.ndjson"}
	}
	var rows []int64
	for _, name := range names {
		rows = append(rows, w.numbers(name)...)
	}
	if o.Keep > 0 {
		if len(names) > o.Keep {
			w.t.Errorf("%s: %d files are there", when, len(names))
		}
		return
	}
	slices.Sort(rows)
	rows = slices.Compact(rows)
	if int64(len(rows)) != groups || rows[0] != 1 || rows[groups-1] != groups {
		w.t.Errorf("%s: rows %v", when, rows)
	}
	if left := w.files("*.partial"); left != nil {
		w.t.Errorf("%s: left %v", when, left)
	}
}

// unsynced is a file system that syncs nothing, which costs most of the time and
// matters to no process that is killed.
type unsynced struct{ disk.FS }

func (u unsynced) OpenFile(name string, flag int, perm fs.FileMode) (disk.File, error) {
	f, err := u.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return unsyncedFile{f}, nil
}

func (unsynced) SyncDir(string) error { return nil }

type unsyncedFile struct{ disk.File }

func (unsyncedFile) Sync() error { return nil }
