package persist

import (
	"errors"
	"slices"
	"strings"
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
		"a stage":               {pipeline.LetterFilter{Stages: []string{"persist"}}, []int64{3}},
		"a code":                {pipeline.LetterFilter{Codes: []string{"schema"}}, []int64{1, 4}},
		"a lane":                {pipeline.LetterFilter{Lanes: []string{"low"}}, []int64{1, 3, 4}},
		"a stage and a lane":    {pipeline.LetterFilter{Stages: []string{"validate"}, Lanes: []string{"high"}}, []int64{2}},
		"any of two codes":      {pipeline.LetterFilter{Codes: []string{"schema", "too_long"}}, []int64{1, 4, 5}},
		"lists together":        {pipeline.LetterFilter{Stages: []string{"ingest", "validate"}, Lanes: []string{"high", "normal"}}, []int64{2, 5}},
		"a source of nobody":    {pipeline.LetterFilter{Sources: []string{"it's; --"}}, nil},
		"a time and later":      {pipeline.LetterFilter{Since: begin.Add(3 * time.Minute)}, []int64{4, 5}},
		"before a time":         {pipeline.LetterFilter{Until: begin.Add(time.Minute)}, []int64{1}},
		"the next page":         {pipeline.LetterFilter{After: 2, Limit: 2}, []int64{3, 4}},
		"up to an id":           {pipeline.LetterFilter{UpTo: 2}, []int64{1, 2}},
		"a page of a selection": {pipeline.LetterFilter{Lanes: []string{"low"}, After: 1, Limit: 1}, []int64{3}},
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
		counts, err := s.Stats(f.t.Context(), pipeline.LetterFilter{Stages: []string{"validate"}})
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
			{pipeline.LetterFilter{Lanes: []string{"low"}, Limit: 2}, 2, []int64{2, 4, 5}},
			{pipeline.LetterFilter{Codes: []string{"schema"}, Stages: []string{"persist"}}, 0, []int64{2, 4, 5}},
			{pipeline.LetterFilter{}, 3, nil},
		} {
			n, err := s.Delete(f.t.Context(), c.filter)
			if left := idsOf(f.t, s, pipeline.LetterFilter{}); err != nil || n != c.n || !slices.Equal(left, c.left) {
				f.t.Errorf("purge %+v: %d, %v; left %v, expected %v", c.filter, n, err, left, c.left)
			}
		}
	})
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
	if ids := idsOf(t, s, pipeline.LetterFilter{Lanes: []string{"low"}, After: 1, Limit: 1}); !slices.Equal(ids, []int64{3}) {
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
