package pipeline

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

// TestTheAccountCoversWhatSingleRecordsHold sends each record through an intake
// of its own, as a post does, into a pipeline that does not move.
func TestTheAccountCoversWhatSingleRecordsHold(t *testing.T) {
	for _, test := range []struct {
		name    string
		line    string
		records int
		rule    LaneRule
	}{
		{"short ones", `{"a":1}`, 3000, LaneRule{}},
		{"short ones with a lane rule", `{"a":1}`, 3000, LaneRule{Field: "a"}},
		{"ones whose index is larger than they are, with a lane rule", `{"a":[1` + strings.Repeat(",1", 10_000) + `]}`, 100, LaneRule{Field: "a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s"}}, MaxDepth: 10})
				if err := p.PauseStage("s"); err != nil {
					t.Fatal(err)
				}
				sent := make(chan struct{})
				done := make(chan error)
				before := liveHeap()
				go func() {
					done <- p.Run(t.Context(), sourceFunc(func(ctx context.Context, feed Feed) error {
						defer close(sent)
						for range test.records {
							if err := sendAlone(ctx, feed, test.line, test.rule); err != nil {
								return err
							}
						}
						return nil
					}))
				}()
				<-sent
				held, charged := liveHeap()-before, p.budget.inUse()
				if slack := int64(1 << 20); held > charged+charged/4+slack {
					t.Errorf("%d bytes are held for %d records, and %d are on the account", held, test.records, charged)
				}
				if err := p.ResumeStage("s"); err != nil {
					t.Fatal(err)
				}
				if err := <-done; err != nil {
					t.Fatal(err)
				}
				if l := wantClosed(t, p); l.Persisted != int64(test.records) || p.budget.inUse() != 0 {
					t.Errorf("%d persisted, want %d; %d bytes are still on the account", l.Persisted, test.records, p.budget.inUse())
				}
			})
		})
	}
}

// liveHeap returns the bytes of the objects that can be reached.
func liveHeap() int64 {
	var m runtime.MemStats
	for range 3 { // pools let go of what they have in two
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func sendAlone(ctx context.Context, feed Feed, line string, rule LaneRule) error {
	in, err := feed.Intake(Progress{Name: "post"}, rule)
	if err != nil {
		return err
	}
	in.Track(1)
	c := NewChunk()
	c.Bytes = fmt.Appendln(c.Bytes, line)
	c.End = Point{Position: int64(len(c.Bytes)), Line: 1}
	in.Begin(c)
	in.Add(c.Bytes[:len(line)], 0, 1)
	return in.Flush(ctx)
}
