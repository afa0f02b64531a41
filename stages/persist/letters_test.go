package persist

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// eachTable runs a test on every sink that keeps dead letters in a table.
func eachTable(t *testing.T, test func(f *fixture)) {
	eachSink(t, func(f *fixture) {
		if LettersInTable(f.cfg) {
			test(f)
		}
	})
}

func (f *fixture) letters() deadletter.Store {
	f.t.Helper()
	s, err := OpenLetters(f.t.Context(), f.cfg)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.t.Error(err)
		}
	})
	return s
}

// bury writes dead letters, one batch for each of the letters.
func (f *fixture) bury(o *Output, letters ...deadletter.Letter) {
	f.t.Helper()
	for _, l := range letters {
		lane, err := pipeline.ParseLane(l.Lane)
		if err != nil {
			f.t.Fatal(err)
		}
		b := pipeline.NewBatch(lane, l.Record)
		b.Record(0).Reject(&pipeline.RecordError{Stage: l.Stage, Code: pipeline.Code(l.Code), Message: "because"})
		f.write(o, group(b))
		f.now = f.now.Add(time.Minute)
	}
}

// lot is what the tests of stores bury: ids 1 to 5, a minute apart.
var lot = []deadletter.Letter{
	{Stage: "validate", Code: "schema", Lane: "low", Record: `{"n":1}`},
	{Stage: "validate", Code: "not_json", Lane: "high", Record: "\xff"},
	{Stage: "persist", Code: "column_type", Lane: "low", Record: `{"n":3}`},
	{Stage: "validate", Code: "schema", Lane: "low", Record: `{"n":4}`},
	{Stage: "ingest", Code: "too_long", Lane: "normal", Record: `{"n":"5`},
}

func idsOf(t *testing.T, s deadletter.Store, filter pipeline.LetterFilter) (ids []int64) {
	t.Helper()
	if err := s.Each(t.Context(), filter, false, func(l *deadletter.Stored) error {
		ids = append(ids, l.ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestLettersAreSelectedByAllThatAFilterSays(t *testing.T) {
	begin := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	cases := map[string]struct {
		filter pipeline.LetterFilter
		want   []int64
	}{
		"nothing":               {pipeline.LetterFilter{}, []int64{1, 2, 3, 4, 5}},
		"ids":                   {pipeline.LetterFilter{IDs: []int64{4, 2, 99}}, []int64{2, 4}},
		"a stage":               {pipeline.LetterFilter{Stage: "persist"}, []int64{3}},
		"a code":                {pipeline.LetterFilter{Code: "schema"}, []int64{1, 4}},
		"a lane":                {pipeline.LetterFilter{Lane: "low"}, []int64{1, 3, 4}},
		"a stage and a lane":    {pipeline.LetterFilter{Stage: "validate", Lane: "high"}, []int64{2}},
		"a source of nobody":    {pipeline.LetterFilter{Source: "it's; --"}, nil},
		"a time and later":      {pipeline.LetterFilter{Since: begin.Add(3 * time.Minute)}, []int64{4, 5}},
		"before a time":         {pipeline.LetterFilter{Until: begin.Add(time.Minute)}, []int64{1}},
		"the next page":         {pipeline.LetterFilter{After: 2, Limit: 2}, []int64{3, 4}},
		"up to an id":           {pipeline.LetterFilter{UpTo: 2}, []int64{1, 2}},
		"a page of a selection": {pipeline.LetterFilter{Lane: "low", After: 1, Limit: 1}, []int64{3}},
	}
	eachTable(t, func(f *fixture) {
		o := f.open()
		defer f.close(o)
		f.bury(o, lot...)
		s := f.letters()
		for name, c := range cases {
			if got := idsOf(f.t, s, c.filter); !slices.Equal(got, c.want) {
				f.t.Errorf("%s: got %v, expected %v", name, got, c.want)
			}
		}
	})
}

func TestALetterComesBackAsItWasBuried(t *testing.T) {
	eachTable(t, func(f *fixture) {
		o := f.open()
		defer f.close(o)
		f.bury(o, lot...)
		s := f.letters()
		for _, whole := range []bool{true, false} {
			i := 0
			err := s.Each(f.t.Context(), pipeline.LetterFilter{}, whole, func(l *deadletter.Stored) error {
				want := lot[i]
				raw, err := l.Raw()
				if err != nil {
					return err
				}
				at := time.Date(2026, 1, 2, 3, 4+i, 5, 6e6, time.UTC).Format("2006-01-02T15:04:05.000Z07:00")
				if l.Stage != want.Stage || l.Code != want.Code || l.Lane != want.Lane || l.At != at || l.Message != "because" || l.Attempts != 1 || l.Size == 0 {
					f.t.Errorf("letter %d is %+v", l.ID, l)
				}
				if whole && string(raw) != want.Record || !whole && len(raw) > 0 {
					f.t.Errorf("letter %d has the record %q", l.ID, raw)
				}
				if i++; i == 4 {
					return deadletter.ErrEnough
				}
				return nil
			})
			if err != nil || i != 4 {
				f.t.Errorf("%d letters, %v", i, err)
			}
		}
		wrong := errors.New("of the visitor")
		if err := s.Each(f.t.Context(), pipeline.LetterFilter{}, true, func(*deadletter.Stored) error { return wrong }); !errors.Is(err, wrong) {
			f.t.Errorf("got %v", err)
		}
	})
}

func TestLettersAreCountedAndPurged(t *testing.T) {
	eachTable(t, func(f *fixture) {
		o := f.open()
		defer f.close(o)
		f.bury(o, lot...)
		s := f.letters()
		counts, err := s.Stats(f.t.Context(), pipeline.LetterFilter{Stage: "validate"})
		if err != nil || len(counts) != 2 {
			f.t.Fatalf("got %+v, %v", counts, err)
		}
		want := pipeline.LetterCount{Stage: "validate", Code: "schema", Lane: "low", Count: 2, MaxID: 4,
			First: "2026-01-02T03:04:05.006Z", Last: "2026-01-02T03:07:05.006Z"}
		if counts[0] != want {
			f.t.Errorf("got %+v, expected %+v", counts[0], want)
		}
		for _, c := range []struct {
			filter pipeline.LetterFilter
			n      int64
			left   []int64
		}{
			{pipeline.LetterFilter{Lane: "low", Limit: 2}, 2, []int64{2, 4, 5}},
			{pipeline.LetterFilter{Code: "schema", Stage: "persist"}, 0, []int64{2, 4, 5}},
			{pipeline.LetterFilter{}, 3, nil},
		} {
			n, err := s.Delete(f.t.Context(), c.filter)
			if left := idsOf(f.t, s, pipeline.LetterFilter{}); err != nil || n != c.n || !slices.Equal(left, c.left) {
				f.t.Errorf("purge %+v: %d, %v; left %v, expected %v", c.filter, n, err, left, c.left)
			}
		}
	})
}

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
		if left := idsOf(f.t, f.letters(), pipeline.LetterFilter{Code: "constraint"}); !slices.Equal(left, []int64{2}) {
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

func TestLettersInAFileAreReadAndNotTakenOut(t *testing.T) {
	f := &fixture{t: t, now: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)}
	f.cfg = Config{Dir: t.TempDir(), Sink: "ndjson://out.ndjson", Now: func() time.Time { return f.now }}
	o, err := Open(t.Context(), f.cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := f.letters()
	if ids := idsOf(t, s, pipeline.LetterFilter{}); ids != nil {
		t.Errorf("there is no file, and there are %v", ids)
	}
	f.atOnce = false // a file settles when it is flushed
	for _, l := range lot {
		f.bury(o, l)
		f.flush(o)
	}
	f.close(o)
	if ids := idsOf(t, s, pipeline.LetterFilter{Lane: "low", After: 1, Limit: 1}); !slices.Equal(ids, []int64{3}) {
		t.Errorf("got %v", ids)
	}
	counts, err := s.Stats(t.Context(), pipeline.LetterFilter{})
	if err != nil || len(counts) != 4 || counts[0].Count != 2 || counts[0].Code != "schema" || counts[0].MaxID != 4 {
		t.Errorf("got %+v, %v", counts, err)
	}
	if _, err := s.Delete(t.Context(), pipeline.LetterFilter{}); !errors.Is(err, deadletter.ErrReadOnly) {
		t.Errorf("got %v", err)
	}
}

// The records of another pipeline are not for the stages of this one.
func TestLettersAreThoseOfTheTableThatTheirRecordsWereFor(t *testing.T) {
	eachTable(t, func(f *fixture) {
		here, elsewhere := f.cfg, f.cfg
		elsewhere.Table = "elsewhere"
		for table, letters := range map[*Config][]deadletter.Letter{&here: lot[:2], &elsewhere: lot[2:3]} {
			f.cfg = *table
			o := f.open()
			f.bury(o, letters...)
			f.close(o)
		}
		f.cfg = here
		store := f.letters()
		if ids := idsOf(t, store, pipeline.LetterFilter{}); len(ids) != 2 {
			t.Errorf("got letters %v of this table", ids)
		}
		if counts, err := store.Stats(t.Context(), pipeline.LetterFilter{}); err != nil || len(counts) != 2 {
			t.Errorf("counted %v, %v", counts, err)
		}
		if n, err := store.Delete(t.Context(), pipeline.LetterFilter{}); n != 2 || err != nil {
			t.Errorf("deleted %d, %v", n, err)
		}
		f.cfg = elsewhere
		if ids := idsOf(t, f.letters(), pipeline.LetterFilter{}); len(ids) != 1 {
			t.Errorf("got letters %v of the other table", ids)
		}
	})
}

func TestLettersOfADatabaseThatIsAbsentAreAnErrorAndLeaveNoFile(t *testing.T) {
	cfg := Config{Dir: t.TempDir(), Sink: "sqlite://out.db"}
	for range 2 {
		if _, err := OpenLetters(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "there is no database") {
			t.Errorf("got %v", err)
		}
	}
}

func TestTheNameOfAPlaceHasNoSecretAndIsTheSameForAll(t *testing.T) {
	dir := t.TempDir()
	one := LettersID(Config{Dir: dir, Sink: "sqlite://./a.db"})
	if two := LettersID(Config{Sink: "sqlite://" + dir + "/a.db"}); one != two || one == "" {
		t.Errorf("%q and %q", one, two)
	}
	if other := LettersID(Config{Dir: dir, Sink: "sqlite://a.db", Table: "other"}); other == one {
		t.Errorf("another table of the database has the same name %s", other)
	}
	server := LettersID(Config{Sink: "postgres://me:secret@db.example/events?search_path=a", Table: "x.events"})
	if want := `postgres events at db.example:5432 (a), of table "x"."events"`; server != want {
		t.Errorf("got %s", server)
	}
	if other := LettersID(Config{Sink: "postgres://me@db.example/events?search_path=b", Table: "x.events"}); other == server {
		t.Errorf("another search path has the same name %s", other)
	}
}
