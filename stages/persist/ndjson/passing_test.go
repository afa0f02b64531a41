package ndjson

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/disk"
)

// Whatever operation finds no room, the same group is written again, and no row
// and no dead letter is there twice.
func TestAGroupThatIsWrittenAgainIsThereOnce(t *testing.T) {
	for _, o := range []Options{{}, {Compress: Gzip}, {RotateSize: 20}, {RotateSize: 20, Compress: Zstd}, {Sync: SyncAlways}, {Sync: SyncAlways, Compress: Zstd}} {
		for _, operation := range []string{"write", "rename", "open", "syncdir", "remove"} {
			for nth := 1; nth <= 3; nth++ {
				t.Run(fmt.Sprintf("%+v %s number %d", o, operation, nth), func(t *testing.T) {
					w := newBench(t)
					cfg := w.config()
					cfg.Options = o
					f, err := OpenFile(cfg)
					if err != nil {
						t.Fatal(err)
					}
					w.faults.Fail(operation, nth, syscall.ENOSPC)
					for n := int64(1); n <= 4; n++ {
						w.now = w.now.Add(checkpointEvery / 2)
						group := w.group(n)
						w.untilItPasses(func() error { _, err := f.Write(t.Context(), group); return err })
					}
					w.untilItPasses(func() error { return f.Flush(t.Context()) })
					if err := f.Close(); err != nil && !disk.Passes(err) {
						t.Fatal(err)
					}
					var rows strings.Builder
					for _, name := range append(w.files("out-*"), w.files("out.ndjson")...) {
						text, err := unpack([]byte(w.read(name)))
						if err != nil {
							t.Error(err)
						}
						rows.WriteString(string(text))
					}
					for n := 1; n <= 4; n++ {
						if got := strings.Count(rows.String(), fmt.Sprintf(`{"n":%d}`, n)); got != 1 {
							t.Errorf("row %d is there %d times", n, got)
						}
						if got := strings.Count(w.read("dead.ndjson"), fmt.Sprintf("bad %d\"", n)); got != 1 {
							t.Errorf("letter %d is there %d times", n, got)
						}
					}
				})
			}
		}
	}
}

// untilItPasses does something again while that is what its error says.
func (w *bench) untilItPasses(do func() error) {
	w.t.Helper()
	for range 3 {
		err := do()
		if err == nil {
			return
		}
		if !pipeline.IsTransient(err) || !errors.Is(err, syscall.ENOSPC) {
			w.t.Fatal(err)
		}
	}
	w.t.Fatal("it does not pass")
}

func TestAFileThatIsMovedAwayIsWaitedForAndAnotherInItsPlaceEndsTheRun(t *testing.T) {
	w := newBench(t)
	f := w.open()
	defer f.Close()
	w.write(f, 1, false)
	path := w.path("out.ndjson")
	if err := os.Rename(path, path+".away"); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(t.Context(), w.group(2)); !errors.Is(err, disk.ErrGone) || !pipeline.IsTransient(err) || !strings.Contains(err.Error(), path) {
		t.Errorf("write: %v", err)
	}
	if err := os.Rename(path+".away", path); err != nil {
		t.Fatal(err)
	}
	w.write(f, 2, false)
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte("{}\n"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(t.Context(), w.group(3)); !errors.Is(err, disk.ErrReplaced) || pipeline.IsTransient(err) {
		t.Errorf("write: %v", err)
	}
}
