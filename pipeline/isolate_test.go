package pipeline

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

func TestAPoisonRecordDiesAloneAndNothingIsRunTwice(t *testing.T) {
	fails := map[string]func() error{
		"a panic":        func() error { panic("poison") },
		"a record error": func() error { return &RecordError{Code: CodeRule, Message: "poison"} },
	}
	for name, fail := range fails {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				seen := map[string]int{}
				stage := EachRecord(func(_ context.Context, r *Record) error {
					seen[string(r.Raw())]++
					if r.Line()%10 == 3 {
						return fail()
					}
					return nil
				})
				sink := &memorySink{}
				p := build(t, Config{Sink: sink, Stages: []StageConfig{{Name: "s", Stage: stage, Workers: 1}}})
				if err := p.Run(t.Context(), &linesSource{lines: numbered("n", 1000), lane: LaneHigh}); err != nil {
					t.Fatal(err)
				}
				for line, n := range seen {
					if n != 1 {
						t.Errorf("%s was run %d times, want once", line, n)
					}
				}
				if l := wantClosed(t, p); l.Dead != 100 || l.Persisted != 900 {
					t.Errorf("dead %d and persisted %d, want 100 and 900", l.Dead, l.Persisted)
				}
				e := sink.dead[LaneHigh][0]
				if e.Stage != "s" || !strings.Contains(e.Message, "poison") {
					t.Errorf("dead letter %+v does not name its stage and reason", e)
				}
				if e.Code == CodePanic && !strings.Contains(e.Message, "isolate_test.go") {
					t.Errorf("the dead letter of a panic has no stack: %s", e.Message)
				}
			})
		})
	}
}

type wholeBatch struct {
	bad  string
	runs int
}

func (w *wholeBatch) Process(_ context.Context, b *Batch) error {
	w.runs++
	var lines []string
	for r := range b.Each() {
		lines = append(lines, string(r.Raw()))
	}
	for _, l := range lines { // outside the cursor, as a bulk call would fail
		if l == w.bad {
			panic("poison")
		}
	}
	return nil
}

type repeatableBatch struct{ wholeBatch }

func (*repeatableBatch) Repeatable() {}

func TestAStageWithoutACursorIsHalvedOnlyIfItSaysThatThisIsSafe(t *testing.T) {
	lines := numbered("n", 200)
	for _, tc := range []struct {
		name  string
		stage Stage
		dead  int64
	}{
		{"repeatable: one record dies", &repeatableBatch{wholeBatch{bad: lines[77]}}, 1},
		{"not repeatable: its batch dies", &wholeBatch{bad: lines[77]}, 100},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := build(t, Config{Sink: &memorySink{}, Stages: []StageConfig{{Name: "s", Stage: tc.stage, Workers: 1}}})
				if err := p.Run(t.Context(), &linesSource{lines: lines}); err != nil {
					t.Fatal(err)
				}
				if l := wantClosed(t, p); l.Dead != tc.dead {
					t.Errorf("dead %d, want %d", l.Dead, tc.dead)
				}
			})
		})
	}
}

func TestASecondPassOverABatchGoesOnWhereItBroke(t *testing.T) {
	var first, second []int64
	stage := StageFunc(func(_ context.Context, b *Batch) error {
		for r := range b.Each() {
			first = append(first, r.Line())
		}
		for r := range b.Each() {
			second = append(second, r.Line())
			if r.Line() == 2 {
				panic("poison")
			}
		}
		return nil
	})
	b := NewBatch(LaneLow, "1", "2", "3")
	if _, err := (&caller{name: "s", stage: stage}).run(t.Context(), b, nil, 0); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(first, second) != "[1 2 3] [1 2 3]" {
		t.Errorf("passes saw %v and %v, want each record once in each", first, second)
	}
	if b.Dead() != 1 || b.Record(1).Err().Code != CodePanic {
		t.Errorf("record 2 is not the only dead one")
	}
}
