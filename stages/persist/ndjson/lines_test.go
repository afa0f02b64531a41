package ndjson

import (
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"

	"sluice/pipeline"
)

// joined is a group of the batches of groups n and n+1.
func (w *bench) joined(n int64) *pipeline.Group {
	w.t.Helper()
	g, next := w.group(n), w.group(n+1)
	return &pipeline.Group{Batches: append(g.Batches, next.Batches...), Progress: next.Progress}
}

func TestAGroupThatFailedCanBeWrittenAgain(t *testing.T) {
	for name, c := range map[string]struct {
		operation string
		nth       int
	}{
		"the first batch's rows":  {"write", 1},
		"the second batch's rows": {"write", 2},
		"the dead letters":        {"write", 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := newBench(t)
			f := w.open()
			w.write(f, 1, false)
			before := w.read("out.ndjson")
			g := w.joined(2)
			w.faults.Fail(c.operation, c.nth, syscall.ENOSPC)
			if _, err := f.Write(t.Context(), g); !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("got %v", err)
			}
			if got := w.read("out.ndjson"); got != before {
				t.Errorf("not taken back: %q", got)
			}
			if _, err := f.Write(t.Context(), g); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(f.Flush(t.Context()), f.Close()); err != nil {
				t.Fatal(err)
			}
			if got := w.read("out.ndjson"); got != "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n" {
				t.Errorf("rows: %q", got)
			}
			if got := w.frontier(); got != 3 {
				t.Errorf("progress %d", got)
			}
		})
	}
}

func TestABatchWithoutItsLinesIsAnError(t *testing.T) {
	w := newBench(t)
	f := w.open()
	g := w.joined(1)
	g.Batches = append(g.Batches, pipeline.NewBatch(0, `{}`))
	if _, err := f.Write(t.Context(), g); !errors.Is(err, errNotEncoded) {
		t.Errorf("got %v", err)
	}
	if got := w.read("out.ndjson") + w.read("dead.ndjson"); got != "" {
		t.Errorf("written all the same: %q", got)
	}
}

func TestEncodingLinesDoesNotAllocate(t *testing.T) {
	texts := make([]string, 256)
	for i := range texts {
		texts[i] = fmt.Sprintf(`{"n":%d,"text":"some text of usual length","list":[1,2,3]}`, i)
	}
	b, e := pipeline.NewBatch(0, texts...), NewEncoder(nil)
	group := &pipeline.Group{Batches: []*pipeline.Batch{b}}
	var p parts
	n := testing.AllocsPerRun(50, func() {
		if err := e.Process(t.Context(), b); err != nil {
			t.Fatal(err)
		}
		if err := p.collect(group); err != nil {
			t.Fatal(err)
		}
		if want := int64(len(strings.Join(texts, "\n")) + 1); p.size != want {
			t.Fatalf("%d bytes, expected %d", p.size, want)
		}
		p.release(group)
	})
	if n > 64 { // some, because a pool may lose what it holds
		t.Errorf("%v allocations for 256 records", n)
	}
}
