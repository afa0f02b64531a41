package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// smallDisk mounts a file system of so many bytes, which ends with the test.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("a small disk cannot be mounted (%v): run the test as root, where mounting is allowed", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillDisk takes all room of a disk; free gives it back.
func fillDisk(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 64<<10); len(block) > 0; {
		if _, err := f.Write(block); errors.Is(err, unix.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// onDisk are the sinks that write files; those that do not, write their dead
// letters there.
func onDisk(t *testing.T, dir string) map[string]*store {
	apart := t.TempDir()
	beside := func(d *store) *store {
		d.letter = filepath.Join(dir, "dead_letters.ndjson")
		d.dead = inFiles(dir, "").dead
		return d
	}
	return map[string]*store{
		"SQLite":                                     inSQLite(dir),
		"a file":                                     inFiles(dir, "?sync=always"),
		"a file that is synced now and then":         inFiles(dir, ""),
		"files that are compressed":                  inFiles(dir, "?compress=gzip"),
		"files that rotate":                          inFiles(dir, "?rotate_size=4KiB"),
		"files that rotate and are compressed":       inFiles(dir, "?rotate_size=4KiB&compress=gzip"),
		"dead letters in a file beside SQLite":       beside(inSQLite(apart)),
		"dead letters in a file beside a PostgreSQL": beside(atServer(t, shared.Server(t), superuser, "")),
	}
}

func TestADiskThatIsFullIsWaitedFor(t *testing.T) {
	for name := range onDisk(t, t.TempDir()) {
		t.Run(name, func(t *testing.T) {
			dir := smallDisk(t, "1m")
			inTemp(t, nil)
			d := onDisk(t, dir)[name]
			s := startOn(t, d)
			var free func()
			outlive(t, s, d, outage{
				says:    []string{dir, "the disk is full: make room"},
				inflict: func() { free = fillDisk(t, dir) },
				cure:    func() { free() },
			})
		})
	}
}

func TestADiskThatIsFullAtTheStartIsSaidToBe(t *testing.T) {
	for name := range onDisk(t, t.TempDir()) {
		if strings.HasPrefix(name, "dead letters") {
			continue // their file is made with the first of them
		}
		t.Run(name, func(t *testing.T) {
			dir := smallDisk(t, "1m")
			inTemp(t, nil)
			d := onDisk(t, dir)[name]
			free := fillDisk(t, dir)
			defer func() { free() }()
			if name != "SQLite" { // the file is empty at first
				s := startOnNothing(t, d)
				s.waitsSaying(dir, "the disk is full: make room")
				free()
				free = func() {}
				s.eventually("the records", func() bool { return s.settled() == firstRecords })
				s.endsWell()
				d.exactlyOnce(t, firstRecords)
				return
			}
			cannotStart(t, d, exitFailed, dir, "the disk is full: make room")
			free()
			free = func() {}
			startsNow(t, d)
		})
	}
}

// limitFiles limits the size of the files that a process writes; 0 is no limit.
func limitFiles(t *testing.T, s *serving, size uint64) {
	t.Helper()
	limit := unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}
	if size == 0 {
		limit.Cur = unix.RLIM_INFINITY
	}
	if err := unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, &limit, nil); err != nil {
		t.Skipf("the limit of another process cannot be set: %v", err)
	}
}

func TestALimitOnTheSizeOfFilesIsWaitedFor(t *testing.T) {
	for name, d := range map[string]*store{"SQLite": inSQLite("."), "a file": inFiles(".", ""), "files that are compressed": inFiles(".", "?compress=gzip")} {
		t.Run(name, func(t *testing.T) {
			inTemp(t, nil)
			s := startOn(t, d)
			outlive(t, s, d, outage{
				says:    []string{"ulimit -f"},
				inflict: func() { limitFiles(t, s, 512) },
				cure:    func() { limitFiles(t, s, 0) },
			})
		})
	}
}
