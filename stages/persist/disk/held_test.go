package disk_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"sluice/stages/persist/disk"
	"sluice/stages/persist/disk/disktest"
)

// span is what the writes of a log end at when lines come fast.
const span = 128 << 10

func newLog(t *testing.T) (*disk.Log, *disktest.Faults, string) {
	t.Helper()
	path, faults := filepath.Join(t.TempDir(), "log"), disktest.New(disk.OS)
	l, err := disk.OpenLog(faults, path, disk.Exclusive, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l, faults, path
}

func lineOf(n int) []byte { return append(bytes.Repeat([]byte("x"), n-1), '\n') }

func TestLinesThatComeFastAreWrittenInBlocks(t *testing.T) {
	l, faults, path := newLog(t)
	in := func() int {
		t.Helper()
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		return int(info.Size())
	}
	write := func(sizes ...int) {
		t.Helper()
		var parts [][]byte
		for _, n := range sizes {
			parts = append(parts, lineOf(n))
		}
		if _, err := l.Write(parts...); err != nil {
			t.Fatal(err)
		}
	}
	for i, step := range []struct {
		sizes []int
		in    int
	}{
		{[]int{100}, 100},                            // slow: at once
		{[]int{40_000}, 100},                         // fast, and no block is whole
		{[]int{60_000, 50_000}, span},                // the first one is
		{[]int{10}, 150_110},                         // slow again, with what was held
		{[]int{span, 3 * span}, 5 * span},            // several
		{[]int{6*span - 150_110 - 4*span}, 6 * span}, // up to the end of one
	} {
		write(step.sizes...)
		if in() != step.in {
			t.Errorf("step %d: %d bytes are in the file, expected %d", i, in(), step.in)
		}
	}
	write(50_000)
	if err := l.Sync(); err != nil || in() != int(l.Size()) || l.Size() != 6*span+50_000 {
		t.Errorf("after Sync: %v, %d bytes of %d", err, in(), l.Size())
	}
	if log := strings.Join(faults.Log(), " "); !strings.HasSuffix(log, "write "+path+" sync "+path) {
		t.Errorf("Sync: ends with %s", log[len(log)-200:])
	}
	write(40_000)
	if err := l.Close(); err != nil || in() != 6*span+90_000 {
		t.Errorf("after Close: %v, %d bytes", err, in())
	}
}

// Whatever fails in between, the log has the lines that went in and were not taken
// back, each once.
func TestALogThatHoldsLinesBackLosesNone(t *testing.T) {
	for seed := range uint64(30) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			l, faults, path := newLog(t)
			r := rand.New(rand.NewPCG(seed, 0))
			var want []byte
			vouched := 0
			for i := range 60 {
				if r.IntN(4) == 0 {
					faults.Fail("write", 1+r.IntN(3), syscall.ENOSPC)
				}
				switch r.IntN(8) {
				case 0:
					if err := l.Sync(); err == nil {
						vouched = len(want)
					}
				case 1:
					to := vouched + r.IntN(len(want)-vouched+1)
					if err := l.CutTo(int64(to)); err != nil {
						t.Fatal(err)
					}
					want = want[:to]
				default:
					var parts [][]byte
					for range 1 + r.IntN(4) {
						parts = append(parts, fmt.Appendf(nil, "%d %s", i, lineOf(1+r.IntN([]int{100, 40_000, 200_000}[r.IntN(3)]))))
					}
					if n, err := l.Write(parts...); err == nil {
						want = append(want, bytes.Join(parts, nil)...)
					} else if n != 0 {
						t.Fatalf("%d bytes went in: %v", n, err)
					}
				}
				if l.Size() != int64(len(want)) {
					t.Fatalf("size %d, expected %d", l.Size(), len(want))
				}
			}
			faults.Fail("write", 1<<30, nil)
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%v: %d bytes, expected %d", err, len(got), len(want))
			}
		})
	}
}

// A log that could not be cut ends in half a line: nothing comes behind it, and no
// Sync vouches for it.
func TestALogThatCannotBeCutGetsNothingMore(t *testing.T) {
	for name, first := range map[string]int{"with lines held back": 50_000, "with none": 100} {
		t.Run(name, func(t *testing.T) {
			l, faults, path := newLog(t)
			if _, err := l.Write(lineOf(first)); err != nil {
				t.Fatal(err)
			}
			faults.Fail("write", 1, syscall.EIO)
			faults.Fail("truncate", 1, syscall.EIO)
			if _, err := l.Write(lineOf(100)); err == nil || !strings.Contains(err.Error(), "take back") {
				t.Errorf("got %v", err)
			}
			before := read(t, path)
			if err := l.Sync(); err == nil || disk.Passes(err) {
				t.Errorf("Sync: got %v", err)
			}
			if _, err := l.Write(lineOf(200)); err == nil || disk.Passes(err) {
				t.Errorf("Write: got %v", err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			if got := read(t, path); got != before {
				t.Errorf("%d bytes, expected %d", len(got), len(before))
			}
		})
	}
}
