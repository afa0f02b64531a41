package disk_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

// numbered returns so many parts, and their text.
func numbered(n int) (parts [][]byte, text string) {
	var all strings.Builder
	for i := range n {
		line := fmt.Sprintf("line %d\n", i)
		parts = append(parts, []byte(line))
		all.WriteString(line)
	}
	return parts, all.String()
}

func TestPartsStandOneBehindTheOther(t *testing.T) {
	for name, fsys := range map[string]disk.FS{"in one call": disk.OS, "in a call each": disktest.New(disk.OS)} {
		for _, n := range []int{0, 1, 2, 1023, 1024, 1025, 3000} {
			t.Run(fmt.Sprintf("%d %s", n, name), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "log")
				l, err := disk.OpenLog(fsys, path, disk.Exclusive, nil)
				if err != nil {
					t.Fatal(err)
				}
				defer l.Close()
				parts, text := numbered(n)
				_, first := l.Write([]byte("first\n"))
				_, second := l.Write(parts...)
				if err := errors.Join(first, second); err != nil {
					t.Fatal(err)
				}
				if got := read(t, path); got != "first\n"+text {
					t.Errorf("got %d bytes, expected %d", len(got), len("first\n"+text))
				}
				if got, want := l.Size(), int64(len("first\n"+text)); got != want {
					t.Errorf("size %d, expected %d", got, want)
				}
				if again, _ := numbered(n); n > 0 && string(parts[n-1]) != string(again[n-1]) {
					t.Errorf("the caller's parts were changed: %q", parts[n-1])
				}
			})
		}
	}
}

func TestAPartThatCannotBeWrittenTakesTheOthersBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	faults := disktest.New(disk.OS)
	l, err := disk.OpenLog(faults, path, disk.Exclusive, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	parts, _ := numbered(3)
	faults.Fail("write", 3, syscall.ENOSPC)
	if _, err := l.Write(parts...); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("got %v", err)
	}
	if got := read(t, path); got != "" || l.Size() != 0 {
		t.Errorf("%q is left, size %d", got, l.Size())
	}
}
