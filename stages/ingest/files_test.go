package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"sluice/pipeline"
)

// many is some chunks of numbered lines.
func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%d %s\n", i, strings.Repeat("x", i%997))
	}
	return b.String()
}

func TestFilesResumeAfterEachStop(t *testing.T) {
	content := many(5000)
	inputs := map[string]string{
		"plain": content,
		"gzip":  string(gzipped(t, content)),
		"zstd":  string(zstded(t, content)),
	}
	for name, input := range inputs {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.write("a", input)
			w.stopAfter = 2
			var lines []taken
			runs := 0
			for ; ; runs++ {
				got, err := w.run("a")
				if err != nil {
					t.Fatal(err)
				}
				if len(got["a"]) == 0 {
					break
				}
				lines = append(lines, got["a"]...)
			}
			same(t, lines, model([]byte(content), 1000))
			if runs < 4 {
				t.Errorf("%d runs, want some more", runs)
			}
			if r := w.files.Reports(); len(r) != 1 || !r[0].Done || r[0].To != int64(len(content)) {
				t.Errorf("reports %+v", r)
			}
		})
	}
}

func TestFilesStopBeforeTheNextFile(t *testing.T) {
	w := newWorld(t)
	w.write("a", "1\n")
	w.write("b", "2\n")
	w.stopAfter = 1
	w.expect("a b", "a: 1")
	w.stopAfter = 0
	w.expect("a b", "b: 2")
}

func TestFilesGiveUpWhatFlushGaveUp(t *testing.T) {
	w := newWorld(t)
	w.write("a", "1\n")
	if err := w.open("a"); err != nil {
		t.Fatal(err)
	}
	fault := errors.New("sink is gone")
	rec := &recorder{onFlush: func(context.Context) error { return fault }}
	if err := w.files.run(t.Context(), rec.open); !errors.Is(err, fault) {
		t.Errorf("error %v, want %v", err, fault)
	}
}

func TestOpenFilesChecksEveryPathFirst(t *testing.T) {
	w := newWorld(t)
	w.write("good", "1\n")
	w.write("secret", "1\n")
	if err := os.Chmod(w.path("secret"), 0); err != nil {
		t.Fatal(err)
	}
	err := w.open("good", "missing", ".", "secret")
	if err == nil {
		t.Fatal("no error")
	}
	want := []string{
		w.path("missing") + ": there is no such file",
		": it is a directory, expected a file",
	}
	if os.Geteuid() != 0 { // who may read everything
		want = append(want, w.path("secret")+": permission denied: make it readable")
	}
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != len(want) {
		t.Fatalf("%d messages, want %d:\n%v", len(lines), len(want), err)
	}
	for i := range want {
		if !strings.Contains(lines[i], want[i]) || strings.Count(lines[i], w.dir) > 2 {
			t.Errorf("message %q, want one with %q", lines[i], want[i])
		}
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Error("a missing file is not fs.ErrNotExist")
	}
	explained := explainOpen("secret", &fs.PathError{Op: "open", Path: "secret", Err: syscall.EACCES})
	if want := "read secret: permission denied: make it readable for this user"; explained.Error() != want {
		t.Errorf("message %q, want %q", explained, want)
	}
}

func TestFileGivenTwiceIsReadOnce(t *testing.T) {
	w := newWorld(t)
	w.write("a", "1\n")
	if err := os.Symlink(w.path("a"), w.path("b")); err != nil {
		t.Fatal(err)
	}
	w.expect("a b a", "a: 1")
	if len(w.warnings) != 2 || !strings.Contains(w.warnings[0], "read once") {
		t.Errorf("warnings %q", w.warnings)
	}
}

func TestFileThatIsGoneWhenItsTurnComes(t *testing.T) {
	w := newWorld(t)
	w.write("a", "1\n")
	w.write("b", "2\n")
	if err := w.open("a", "b"); err != nil {
		t.Fatal(err)
	}
	w.remove("b")
	got, err := w.resume()
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	w.compare(got, "a: 1")
}

func TestFileThatIsReplacedBeforeItsTurnComes(t *testing.T) {
	for _, fromStart := range []bool{false, true} {
		w := newWorld(t)
		w.write("a", "1\n2\n")
		w.expect("a", "a: 1 2")
		w.fromStart = fromStart
		if err := w.open("a"); err != nil {
			t.Fatal(err)
		}
		w.write("a", "3\n4\n5\n")
		got, err := w.resume()
		if err != nil {
			t.Fatal(err)
		}
		w.compare(got, "a: 3 4 5")
		if len(w.stored) != 2 {
			t.Errorf("from start %t: stored %+v, want the old file and the new", fromStart, w.stored)
		}
	}
}

// TestFilesJoinTheirReader holds a read up while the run ends.
func TestFilesJoinTheirReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, err := OpenFiles(nil, nil, false, Config{})
		if err != nil {
			t.Fatal(err)
		}
		release, ended := make(chan struct{}), make(chan error, 1)
		src := readFunc(func([]byte) (int, error) { <-release; return 0, io.EOF })
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			ended <- f.readInput(ctx, &entry{known: -1}, &input{src: src}, pipeline.Progress{}, (&recorder{}).open)
		}()
		synctest.Wait()
		cancel()
		synctest.Wait()
		select {
		case <-ended:
			t.Error("the run ended while its reader was reading")
		default:
		}
		close(release)
		if err := <-ended; err != context.Canceled {
			t.Errorf("error %v", err)
		}
	})
}

func TestFilesProgressCountsBytesOnDisk(t *testing.T) {
	w := newWorld(t)
	w.write("a", "1\n2\n")
	w.expect("a", "a: 1 2")
	zipped := gzipped(t, many(3000))
	w.write("b.gz", string(zipped))
	w.grow("a", "3\n")
	if err := w.open("a", "b.gz"); err != nil {
		t.Fatal(err)
	}
	want := int64(len(zipped) + 6)
	if read, size := w.files.Progress(); read != 0 || size != want {
		t.Errorf("before the run %d of %d, want 0 of %d", read, size, want)
	}
	if _, err := w.resume(); err != nil {
		t.Fatal(err)
	}
	if read, size := w.files.Progress(); read != want || size != want {
		t.Errorf("after the run %d of %d, want all %d", read, size, want)
	}
}

func TestFilesLeaveNothingOpen(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs /proc/self/fd: run on Linux")
	}
	w := newWorld(t)
	var names []string
	for i := range 50 {
		names = append(names, fmt.Sprint("f", i))
		w.write(names[i], fmt.Sprintln(i))
	}
	before := openFiles(t)
	if _, err := w.run(names...); err != nil {
		t.Fatal(err)
	}
	if after := openFiles(t); after > before {
		t.Errorf("%d files open before, %d after", before, after)
	}
}

func openFiles(t *testing.T) int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
