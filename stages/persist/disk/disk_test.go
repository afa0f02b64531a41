package disk_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestALogThatAnotherProcessWritesIsNotCut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	first, err := disk.OpenLog(disk.OS, path, disk.Shared, nobodys)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	if _, err := first.Write([]byte("half")); err != nil {
		t.Fatal(err)
	}
	second, err := disk.OpenLog(disk.OS, path, disk.Shared, nobodys)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if got := read(t, path); got != "half" {
		t.Errorf("got %q", got)
	}
	if _, err := disk.OpenLog(disk.OS, path, disk.Exclusive, nil); !errors.Is(err, disk.ErrLocked) {
		t.Errorf("a third that wants it alone: got %v", err)
	}
}

func TestALogThatAnotherProcessMendsIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct {
		holds time.Duration
		want  error
		took  time.Duration
	}{
		"for a moment": {95 * time.Millisecond, nil, 100 * time.Millisecond},
		"not for ever": {time.Hour, disk.ErrLocked, 5 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "log")
				other, err := disk.OS.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
				if err == nil {
					err = other.Lock(true)
				}
				if err != nil {
					t.Fatal(err)
				}
				done := time.AfterFunc(c.holds, func() { _ = other.Close() })
				begun := time.Now()
				l, err := disk.OpenLog(disk.OS, path, disk.Shared, nobodys)
				if !errors.Is(err, c.want) || time.Since(begun) != c.took {
					t.Errorf("after %v: %v", time.Since(begun), err)
				}
				if done.Stop() {
					_ = other.Close()
				}
				if err == nil {
					_ = l.Close()
				}
			})
		})
	}
}

func TestAFailedWriteLeavesTheLogAsItWas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	faults := disktest.New(disk.OS)
	l, err := disk.OpenLog(faults, path, disk.Exclusive, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Write([]byte("one\n")); err != nil {
		t.Fatal(err)
	}
	faults.Fail("write", 1, syscall.ENOSPC)
	_, err = l.Write([]byte("two and more\n"))
	if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "make room") {
		t.Errorf("got %v", err)
	}
	if got := read(t, path); got != "one\n" || l.Size() != 4 {
		t.Errorf("got %q, size %d", got, l.Size())
	}
}

func TestHalfALineIsCutUnlessAnotherProcessHasTheLogOpen(t *testing.T) {
	for name, alone := range map[string]bool{"alone": true, "not alone": false} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			faults := disktest.New(disk.OS)
			l, err := disk.OpenLog(faults, path, disk.Shared, nobodys)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			want := "one\n"
			if !alone {
				other, err := disk.OpenLog(disk.OS, path, disk.Shared, nobodys)
				if err != nil {
					t.Fatal(err)
				}
				defer other.Close()
				want = "one\ntw"
			}
			if _, err := l.Write([]byte("one\n")); err != nil {
				t.Fatal(err)
			}
			faults.Fail("write", 1, syscall.EIO)
			if _, err := l.Write([]byte("two\n")); !errors.Is(err, syscall.EIO) {
				t.Errorf("got %v", err)
			}
			if got := read(t, path); got != want {
				t.Errorf("got %q, expected %q", got, want)
			}
			third, err := disk.OpenLog(disk.OS, path, disk.Shared, nobodys) // it is shared again
			if err != nil {
				t.Fatal(err)
			}
			if err := third.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReplaceIsAllOrNothing(t *testing.T) {
	for _, operation := range []string{"open", "write", "sync", "rename"} {
		t.Run(operation+" fails", func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "state.json")
			faults := disktest.New(disk.OS)
			if err := disk.Replace(faults, path, []byte("old")); err != nil {
				t.Fatal(err)
			}
			faults.Fail(operation, 1, syscall.EIO)
			if err := disk.Replace(faults, path, []byte("the new one")); !errors.Is(err, syscall.EIO) {
				t.Errorf("got %v", err)
			}
			if got := read(t, path); got != "old" {
				t.Errorf("got %q", got)
			}
			if entries, _ := os.ReadDir(dir); len(entries) != 1 {
				t.Errorf("left behind: %v", entries)
			}
		})
	}
}

func TestReplaceSyncsTheFileBeforeTheRenameAndTheDirectoryAfter(t *testing.T) {
	dir := t.TempDir()
	faults := disktest.New(disk.OS)
	path := filepath.Join(dir, "s")
	if err := disk.Replace(faults, path, []byte("x")); err != nil {
		t.Fatal(err)
	}
	want := []string{"open " + path + ".tmp", "write " + path + ".tmp", "sync " + path + ".tmp", "rename " + path, "syncdir " + dir}
	if got := faults.Log(); strings.Join(got, ",") != strings.Join(want, ",") {
		t.Errorf("got %v", got)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct{ path, want string }{
		"a directory that is not there": {filepath.Join(dir, "no", "log"), "mkdir -p"},
		"a device":                      {os.DevNull, "null://"},
		"a directory":                   {dir, "is a directory"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := disk.OpenLog(disk.OS, c.path, disk.Exclusive, nil); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; expected %q in it", err, c.want)
			}
		})
	}
}

// What takes the place of lines that were cut away must not meet them on the disk.
func TestACutIsDurableBeforeOtherLinesTakeItsPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("one\ntwo"), 0o600); err != nil {
		t.Fatal(err)
	}
	faults := disktest.New(disk.OS)
	l, err := disk.OpenLog(faults, path, disk.Exclusive, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	write := func(line string) error {
		_, err := l.Write([]byte(line))
		return err
	}
	steps := []error{
		l.Mend(func(int64, []byte) bool { return true }), write("three\n"),
		l.CutTo(4), l.CutTo(0), write("four\n"), write("five\n"),
	}
	if err := errors.Join(steps...); err != nil {
		t.Fatal(err)
	}
	want := []string{"truncate", "sync", "write", "truncate", "truncate", "sync", "write", "write"}
	var got []string
	for _, operation := range faults.Log() {
		if name, _, _ := strings.Cut(operation, " "); name == "truncate" || name == "sync" || name == "write" {
			got = append(got, name)
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("got %v, expected %v", got, want)
	}
}
