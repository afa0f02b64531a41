package pipeline

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestManyIntakesNeverWaitForEachOther runs more intakes than the smallest
// budget has room for chunks.
func TestManyIntakesNeverWaitForEachOther(t *testing.T) {
	for _, lanes := range []int{1, 2, 4} {
		t.Run(fmt.Sprint(lanes, " lanes"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sink := &memorySink{}
				p := build(t, Config{Sink: sink, Budget: 8 * (1<<20 + ChunkSize), Stages: []StageConfig{
					{Name: "s", Stage: sleepy(1, time.Millisecond)},
				}})
				long := strings.Repeat("x", 600)
				var sources Sources
				const perSource = 1200
				for range 60 {
					lines := make([]string, perSource)
					for i := range lines {
						lines[i] = fmt.Sprintf(`{"lane":%d,"x":"%s"}`, i*lanes/perSource, long)
					}
					sources = append(sources, &linesSource{lines: lines, perChunk: 400, rule: &LaneRule{
						Field: "lane", Map: map[string]Lane{"1": LaneHigh, "2": LaneNormal, "3": LaneLow},
					}})
				}
				if err := p.Run(t.Context(), sources); err != nil {
					t.Fatal(err)
				}
				if l := wantClosed(t, p); l.Persisted != 60*perSource {
					t.Errorf("persisted %d, want %d", l.Persisted, 60*perSource)
				}
				if p.budget.inUse() != 0 {
					t.Errorf("%d bytes are still on the account", p.budget.inUse())
				}
			})
		})
	}
}

// TestGrowthInAStageIsBounded has a stage that makes each batch far larger than
// it came in, before a sink that hangs.
func TestGrowthInAStageIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const each = 1 << 20
		big := []byte(`"` + strings.Repeat("x", each) + `"`)
		grow := EachRecord(func(_ context.Context, r *Record) error {
			if err := r.Set(MustPath("big"), big); err != nil {
				return err
			}
			return nil
		})
		hang := make(chan struct{})
		sink := &memorySink{hang: hang}
		p := build(t, Config{Sink: sink, Budget: 10 << 20, Stages: []StageConfig{
			{Name: "grow", Stage: grow, Workers: 2}, {Name: "next"},
		}})
		done := make(chan error)
		go func() { done <- p.Run(t.Context(), &linesSource{lines: numbered("n", 300), perChunk: 1}) }()
		synctest.Wait()
		// An eighth beyond the budget, and what the workers had in hand.
		if most := int64(10<<20+10<<17) + 3*each; p.budget.inUse() > most {
			t.Errorf("%d bytes are held, want at most %d", p.budget.inUse(), most)
		}
		close(hang)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if l := wantClosed(t, p); l.Persisted != 300 {
			t.Errorf("persisted %d, want 300", l.Persisted)
		}
		if p.budget.inUse() != 0 {
			t.Errorf("%d bytes are still on the account", p.budget.inUse())
		}
	})
}

func TestAGroupOfLargeRecordsIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := `"` + strings.Repeat("x", 100_000) + `"`
		lines := make([]string, 200)
		for i := range lines {
			lines[i] = line
		}
		sink := &memorySink{delay: time.Second}
		p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s"}}})
		if err := p.Run(t.Context(), &linesSource{lines: lines, perChunk: 2}); err != nil {
			t.Fatal(err)
		}
		for i, n := range sink.groups {
			if n*len(line) > maxGroupBytes+2*len(line) {
				t.Errorf("group %d has %d records of 100 kB", i, n)
			}
		}
	})
}

func TestWhatAnAbandonedStageDoesLateIsNotCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		stage := StageFunc(func(context.Context, *Batch) error { <-release; return nil })
		p := build(t, Config{Sink: &memorySink{}, DrainTimeout: time.Second, Grace: time.Second, Stages: []StageConfig{{Name: "a", Stage: stage}, {Name: "b"}}})
		ctx, cancel := context.WithCancel(t.Context())
		src := &linesSource{lines: numbered("n", 10), after: func(int) { cancel() }}
		if err := p.Run(ctx, src); err == nil {
			t.Error("a run with an abandoned stage went well")
		}
		before := wantClosed(t, p)
		close(release)
		synctest.Wait()
		if after := wantClosed(t, p); after.Counts != before.Counts {
			t.Errorf("the ledger moved after the end: %+v, then %+v", before.Counts, after.Counts)
		}
	})
}
