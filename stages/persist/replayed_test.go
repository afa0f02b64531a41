package persist

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

func TestAReplayedRecordSettlesItsLetterWithItsRow(t *testing.T) {
	eachTable(t, func(f *fixture) {
		o := f.open()
		defer f.close(o)
		f.bury(o, lot[0], lot[2], lot[3])
		b := f.encode(o, pipeline.LaneLow, lot[0].Record, lot[2].Record, lot[3].Record).AsReplay(1, 2, 3)
		b.Record(1).Reject(&pipeline.RecordError{Stage: "enrich", Code: pipeline.CodeLookupMiss, Pointer: "/n", Message: "again", Attempts: 2})
		b.Record(2).Filter()
		f.encodeAgain(o, b)
		f.write(o, group(b))
		expectRows(f, 1)
		s := f.letters()
		left := 0
		err := s.Each(f.t.Context(), pipeline.LetterFilter{}, true, func(l *deadletter.Stored) error {
			left++
			if l.ID != 2 || l.Stage != "enrich" || l.Code != "lookup_miss" || l.Pointer != "/n" || l.Message != "again" ||
				l.Attempts != 3 || l.Record != lot[2].Record || l.Lane != "low" || l.At != "2026-01-02T03:07:05.006Z" {
				f.t.Errorf("left is %+v", l)
			}
			return nil
		})
		if err != nil || left != 1 {
			f.t.Errorf("%d are left, %v", left, err)
		}
	})
}

// encodeAgain gives a batch whose records have changed their rows anew.
func (f *fixture) encodeAgain(o *Output, b *pipeline.Batch) {
	f.t.Helper()
	b.Payload = nil
	if err := o.Encoder().Process(f.t.Context(), b); err != nil {
		f.t.Fatal(err)
	}
}

func TestALetterThatIsGoneGivesNoRow(t *testing.T) {
	eachTable(t, func(f *fixture) {
		o := f.open()
		defer f.close(o)
		f.bury(o, lot[0], lot[2])
		first := f.encode(o, pipeline.LaneLow, lot[0].Record).AsReplay(1)
		f.write(o, group(first))
		second := f.encode(o, pipeline.LaneLow, lot[0].Record, lot[2].Record).AsReplay(1, 2)
		f.write(o, group(second))
		if second.Live() != 1 || second.Filtered() != 1 {
			f.t.Errorf("live %d, filtered %d", second.Live(), second.Filtered())
		}
		expectRows(f, 1, 3)
		failed := pipeline.NewBatch(pipeline.LaneLow, lot[0].Record).AsReplay(1)
		failed.Record(0).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeSchema})
		f.write(o, group(failed))
		if failed.Dead() != 1 { // it counts, and comes back neither to the letters nor to the rows
			f.t.Errorf("dead %d", failed.Dead())
		}
		expectRows(f, 1, 3)
		if left := idsOf(f.t, f.letters(), pipeline.LetterFilter{}); left != nil {
			f.t.Errorf("left: %v", left)
		}
	})
}

// Two replays that go on at once in one process meet in one group.
func TestALetterThatComesTwiceInAGroupGivesOneRow(t *testing.T) {
	eachTable(t, func(f *fixture) {
		o := f.open()
		defer f.close(o)
		f.bury(o, lot[0], lot[2])
		first := f.encode(o, pipeline.LaneLow, lot[0].Record, lot[2].Record).AsReplay(1, 2)
		second := f.encode(o, pipeline.LaneLow, lot[0].Record, lot[2].Record).AsReplay(1, 2)
		f.write(o, group(first, second))
		expectRows(f, 1, 3)
		if first.Live() != 2 || second.Filtered() != 2 {
			f.t.Errorf("live %d, filtered %d", first.Live(), second.Filtered())
		}
		if left := idsOf(f.t, f.letters(), pipeline.LetterFilter{}); left != nil {
			f.t.Errorf("left: %v", left)
		}
	})
}

func TestALetterThatComesTwiceInAGroupAndFailsAgainStays(t *testing.T) {
	eachTable(t, func(f *fixture) {
		if len(f.cfg.Columns) > 0 {
			return // the table of whole records stands for all
		}
		o := f.open()
		defer f.close(o)
		f.bury(o, lot[0], lot[2])
		f.refuseThree()
		first := f.encode(o, pipeline.LaneLow, lot[0].Record, lot[2].Record).AsReplay(1, 2)
		second := f.encode(o, pipeline.LaneLow, lot[0].Record, lot[2].Record).AsReplay(1, 2)
		f.write(o, group(first, second))
		expectRows(f, 1)
		if left := idsOf(f.t, f.letters(), pipeline.LetterFilter{Codes: []string{"constraint"}}); !slices.Equal(left, []int64{2}) {
			f.t.Errorf("left: %v", left)
		}
	})
}

// refuseThree has the table of whole records refuse the one with the number 3.
func (f *fixture) refuseThree() {
	f.t.Helper()
	if f.server != nil {
		f.server.Exec(f.cfg.Sink, `ALTER TABLE records ADD CHECK (data ->> 'n' <> '3')`)
		return
	}
	queryAll(f.t, f.path("out.db"), `CREATE TRIGGER no BEFORE INSERT ON records WHEN new.data ->> 'n' = 3 BEGIN SELECT RAISE(ABORT, 'no'); END`)
}

// The id of a letter that is gone may come again in SQLite.
func TestAnotherLetterUnderTheSameIDIsLeftAlone(t *testing.T) {
	f := &fixture{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC), atOnce: true}
	f.cfg = Config{Dir: t.TempDir(), Sink: "sqlite://out.db", Now: func() time.Time { return f.now }}
	o, err := Open(t.Context(), f.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close(o)
	f.bury(o, lot[0])
	if _, err := f.letters().Delete(t.Context(), pipeline.LetterFilter{}); err != nil {
		t.Fatal(err)
	}
	f.bury(o, lot[2])
	f.write(o, group(f.encode(o, pipeline.LaneLow, lot[0].Record).AsReplay(1)))
	if left := idsOf(t, f.letters(), pipeline.LetterFilter{}); !slices.Equal(left, []int64{1}) {
		t.Errorf("left: %v", left)
	}
	expectRows(f)
}

func TestTwoReplaysAtOnceGiveEachRowOnce(t *testing.T) {
	const letters = 200
	eachTable(t, func(f *fixture) {
		o := f.open()
		b := pipeline.NewBatch(pipeline.LaneLow, numberedLines(letters)...)
		for i := range b.Len() {
			b.Record(i).Reject(&pipeline.RecordError{Stage: "validate", Code: pipeline.CodeSchema})
		}
		f.write(o, group(b))
		other := f.open()
		var crew sync.WaitGroup
		var live [2]int
		for who, out := range []*Output{o, other} {
			crew.Go(func() {
				for i := range letters {
					one := pipeline.NewBatch(pipeline.LaneLow, fmt.Sprintf(`{"n":%d}`, i)).AsReplay(int64(i + 1))
					err := out.Encoder().Process(f.t.Context(), one)
					for err == nil {
						if _, err = out.Sink().Write(f.t.Context(), group(one)); !pipeline.IsTransient(err) {
							break
						}
						err = nil
					}
					if err != nil {
						f.t.Error(err)
						return
					}
					live[who] += one.Live()
				}
			})
		}
		crew.Wait()
		f.close(o)
		f.close(other)
		rows := f.rows()
		slices.Sort(rows)
		if len(rows) != letters || len(slices.Compact(rows)) != letters || live[0]+live[1] != letters {
			f.t.Errorf("%d rows; %d and %d were replayed", len(rows), live[0], live[1])
		}
		if left := idsOf(f.t, f.letters(), pipeline.LetterFilter{}); left != nil {
			f.t.Errorf("left: %v", left)
		}
	})
}

func numberedLines(n int) (lines []string) {
	for i := range n {
		lines = append(lines, fmt.Sprintf(`{"n":%d}`, i))
	}
	return lines
}
