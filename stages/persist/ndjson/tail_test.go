package ndjson

import (
	"errors"
	"os"
	"strings"
	"testing"

	"sluice/stages/persist/disk"
)

// rowsAre puts a file of rows there as somebody else would.
func (w *bench) rowsAre(text string) {
	w.t.Helper()
	if err := os.WriteFile(w.path("out.ndjson"), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

func TestALastLineOfSomebodyElseIsKept(t *testing.T) {
	w := newBench(t)
	w.rowsAre("{\"x\":1}\n{\"x\":2}")
	f := w.open()
	w.write(f, 1, false)
	if err := errors.Join(f.Flush(t.Context()), f.Close()); err != nil {
		t.Fatal(err)
	}
	if got := w.read("out.ndjson"); got != "{\"x\":1}\n{\"x\":2}\n{\"n\":1}\n" {
		t.Errorf("got %q", got)
	}
}

func TestHalfALineOfSomebodyElseIsRefused(t *testing.T) {
	w := newBench(t)
	w.rowsAre("{\"x\":1}\n{\"x\":")
	err := Check(disk.OS, w.path("out.ndjson"), Options{})
	_, opened := OpenFile(w.config())
	for _, err := range []error{err, opened} {
		if err == nil || !strings.Contains(err.Error(), "out.ndjson: the last line, which begins at byte 8, has no line end") {
			t.Errorf("got %v", err)
		}
	}
	if got := w.read("out.ndjson"); got != "{\"x\":1}\n{\"x\":" {
		t.Errorf("got %q", got)
	}
	cfg := w.config()
	cfg.Truncate = true
	f, err := OpenFile(cfg)
	if err := errors.Join(Check(disk.OS, cfg.Path, Options{Truncate: true}), err); err != nil {
		t.Fatalf("to start anew: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestNULBytesOfSomebodyElseAreKept(t *testing.T) {
	const theirs = "{\"x\":1}\nbin\x00ary\n{\"x\":2}\n"
	w := newBench(t)
	w.rowsAre(theirs)
	f := w.open()
	w.write(f, 1, false)
	if err := errors.Join(f.Flush(t.Context()), f.Close()); err != nil {
		t.Fatal(err)
	}
	if got := w.read("out.ndjson"); got != theirs+"{\"n\":1}\n" {
		t.Errorf("got %q", got)
	}
	w.rowsAre(theirs + "{\"n\":1}\n{\"n\":\x00\x00")
	if got := w.frontier(); got != 1 {
		t.Errorf("progress: got %d, expected 1", got)
	}
	if got := w.read("out.ndjson"); got != theirs+"{\"n\":1}\n" {
		t.Errorf("after a loss of power: got %q", got)
	}
}

// A crash before the first progress leaves half a line behind that is known to
// be ours all the same.
func TestHalfALineFromBeforeTheFirstProgressIsCut(t *testing.T) {
	for name, before := range map[string]string{"a new file": "", "a file of somebody else": "{\"x\":1}\n"} {
		t.Run(name, func(t *testing.T) {
			w := newBench(t)
			w.rowsAre(before)
			f := w.open()
			w.write(f, 1, false)
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			w.rowsAre(before + "{\"n\":1}\n{\"n\":")
			if got := w.frontier(); got != -1 {
				t.Errorf("progress: got %d, expected none", got)
			}
			if got := w.read("out.ndjson"); got != before+"{\"n\":1}\n" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestAFileThatGotShorterBeforeTheFirstProgressIsAnothers(t *testing.T) {
	w := newBench(t)
	w.rowsAre("{\"x\":1}\n{\"x\":2}\n")
	f := w.open()
	w.write(f, 1, false)
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	w.rowsAre("{\"x\"")
	if _, err := OpenFile(w.config()); err == nil || !strings.Contains(err.Error(), "has no line end") {
		t.Errorf("got %v", err)
	}
}

// A loss of power leaves a first frame whose bytes never got to the disk, or of which
// only the very first did: nothing tells then how the file is encoded.
func TestABeginningThatIsTornIsCutWhereItIsOurs(t *testing.T) {
	for name, c := range map[string]struct {
		compress Compression
		head     string
	}{
		"a hole in place of a gzip member": {Gzip, strings.Repeat("\x00", 600) + "more"},
		"a hole in place of a zstd frame":  {Zstd, strings.Repeat("\x00", 600) + "more"},
		"the first byte of a gzip member":  {Gzip, "\x1F"},
		"three bytes of a zstd frame":      {Zstd, "\x28\xB5\x2F"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newBench(t)
			cfg := w.config()
			cfg.Compress = c.compress
			w.rowsAre(c.head)
			if _, err := OpenFile(cfg); err == nil || !strings.Contains(err.Error(), "would be appended to it") || w.read("out.ndjson") != c.head {
				t.Errorf("somebody else's: got %v, %q", err, w.read("out.ndjson"))
			}
			w.rowsAre("")
			f, err := OpenFile(cfg)
			if err != nil {
				t.Fatal(err)
			}
			w.write(f, 1, false)
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			w.rowsAre(c.head)
			cfg.DeadLetters = w.config().DeadLetters
			if f, err = OpenFile(cfg); err != nil {
				t.Fatalf("ours: %v", err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if got := w.read("out.ndjson"); got != "" {
				t.Errorf("left: %q", got)
			}
		})
	}
}
