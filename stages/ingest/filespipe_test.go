package ingest

import (
	"io"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestNamedPipeIsReadAsAStream(t *testing.T) {
	w := newWorld(t)
	if err := unix.Mkfifo(w.path("pipe"), 0o600); err != nil {
		t.Skip("no named pipes here: run on a file system that has them:", err)
	}
	w.write("a", "1\n")
	wrote := make(chan error, 1)
	go func() {
		f, err := os.OpenFile(w.path("pipe"), os.O_WRONLY, 0)
		if err == nil {
			_, err = io.WriteString(f, "2\n3")
			f.Close()
		}
		wrote <- err
	}()
	w.expect("pipe a", "pipe: 2 3", "a: 1")
	if err := <-wrote; err != nil {
		t.Error(err)
	}
	if len(w.stored) != 1 {
		t.Errorf("stored %+v, want only the file's", w.stored)
	}
	if _, size := w.files.Progress(); size != -1 {
		t.Errorf("size %d, want -1", size)
	}
}

func TestWhatIsEmptyAndNoRegularFileGivesNoRecords(t *testing.T) {
	w := newWorld(t)
	files, err := OpenFiles([]string{os.DevNull}, nil, false, w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.files = files
	if got, err := w.resume(); err != nil || len(got) != 0 {
		t.Errorf("%s: error %v, lines %v", os.DevNull, err, got)
	}

	if err := unix.Mkfifo(w.path("pipe"), 0o600); err != nil {
		t.Skip("no named pipes here: run on a file system that has them:", err)
	}
	for _, content := range []string{"", "\x1f"} { // the second ends inside the magic bytes of gzip
		wrote := make(chan error, 1)
		go func() { wrote <- os.WriteFile(w.path("pipe"), []byte(content), 0o600) }()
		got, err := w.run("pipe")
		if err != nil || len(got["pipe"]) != len(content) {
			t.Errorf("a pipe with %q: error %v, lines %v", content, err, got)
		}
		if err := <-wrote; err != nil {
			t.Error(err)
		}
	}
}
