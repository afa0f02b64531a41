package ndjson

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

func TestAClosedReaderIsOneClearError(t *testing.T) {
	w := newBench(t)
	r, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	s := NewStream(out, deadletter.NewFile(w.faults, w.path("dead.ndjson"), w.clock))
	_, err = s.Write(t.Context(), w.group(1))
	if !errors.Is(err, syscall.EPIPE) || !strings.Contains(err.Error(), "stdout was closed by its reader") {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(s.Flush(t.Context()), s.Close(), out.Close()); err != nil {
		t.Error(err)
	}
	if got := w.read("dead.ndjson"); !strings.Contains(got, `"record":"bad 1"`) {
		t.Errorf("dead letters: %q", got)
	}
}

func TestAGroupWithoutRowsWritesNothing(t *testing.T) {
	w := newBench(t)
	b := pipeline.NewBatch(0, `{}`)
	b.Record(0).Filter()
	s := NewStream(failingWriter{}, deadletter.NewFile(w.faults, w.path("dead.ndjson"), w.clock))
	settled, err := s.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{b}})
	if err != nil || !settled {
		t.Errorf("settled %v, %v", settled, err)
	}
	if _, err := os.Stat(w.path("dead.ndjson")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file of dead letters was made for none: %v", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("written") }
