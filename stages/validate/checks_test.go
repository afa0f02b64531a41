package validate

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/validate/dedupe"
	"sluice/stages/validate/rules"
)

// everyCheck asks for all checks.
func everyCheck(t testing.TB) Config {
	t.Helper()
	day := 24 * time.Hour
	return Config{
		Schema:        writeSchema(t, `{"properties": {"status": {"maximum": 599}}}`),
		DuplicateKeys: DuplicateKeysReject,
		Required:      map[string][]string{"normal": {"id"}},
		Rules:         rules.List{{Name: "negative", Expression: "status < 0"}},
		MaxAge:        &rules.AgeConfig{Field: "ts", Limit: &day},
		Dedupe:        &dedupe.Config{Key: []string{"id"}, OnDuplicate: dedupe.OnDuplicateDead},
	}
}

func TestChecksComeInOrder(t *testing.T) {
	s, err := New(everyCheck(t))
	if err != nil {
		t.Fatal(err)
	}
	old := `"ts":"2001-01-01T00:00:00Z"`
	b := process(t, s,
		`{"id":1,"status":200}`,
		`{"status":999,"status":-999,`+old+`}`,
		`{"status":999,`+old+`}`,
		`{"status":-1,`+old+`}`,
		`{"id":1,"status":-1,`+old+`}`,
		`{"id":1,`+old+`}`,
		`{"id":1}`,
		`{"id":2,"status":-1}`,
		`{"id":2}`,
	)
	want := []pipeline.Code{"", pipeline.CodeDuplicateKey, pipeline.CodeSchema, pipeline.CodeRequired, pipeline.CodeRule, pipeline.CodeTooOld, pipeline.CodeDuplicate, pipeline.CodeRule, ""}
	for i, code := range want {
		got := pipeline.Code("")
		if err := b.Record(i).Err(); err != nil {
			got = err.Code
		}
		if got != code {
			t.Errorf("%s: %q, want %q", b.Record(i).Raw(), got, code)
		}
	}
}

func TestADuplicateKeyIsRejectedWhereItStands(t *testing.T) {
	s, err := New(Config{DuplicateKeys: DuplicateKeysReject})
	if err != nil {
		t.Fatal(err)
	}
	b := process(t, s, `{"a":[{"b":1,"\u0062":"two"}]}`)
	want := `the key "b" stands twice in one object, for 1 and for "two"; must stand once`
	if got := b.Record(0).Err(); got == nil || got.Pointer != "/a/0/b" || got.Message != want {
		t.Errorf("%v, want %s", got, want)
	}
}

func TestOfDuplicateKeysTheLastCounts(t *testing.T) {
	for _, mode := range []DuplicateKeys{"", DuplicateKeysLast} {
		cfg := everyCheck(t)
		cfg.DuplicateKeys = mode
		s, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		b := process(t, s,
			`{"id":null,"status":999,"ts":"2001-01-01T00:00:00Z","id":1,"status":200,"ts":null}`,
			`{"id":1,"id":2}`,
			`{"id":3,"\u0069d":2}`,
			`{"id":4,"status":200,"status":-1}`,
			`{"id":5,"status":200,"status":999}`,
			`{"id":6,"id":null}`)
		for i, code := range []pipeline.Code{"", "", pipeline.CodeDuplicate, pipeline.CodeRule, pipeline.CodeSchema, pipeline.CodeRequired} {
			got := pipeline.Code("")
			if err := b.Record(i).Err(); err != nil {
				got = err.Code
			}
			if got != code {
				t.Errorf("%s: %q, want %q", b.Record(i).Raw(), got, code)
			}
		}
	}
}

func TestMistakesOfAllChecksAreReportedTogether(t *testing.T) {
	_, err := New(Config{
		Schema: "does-not-exist.json", DuplicateKeys: "first", Required: map[string][]string{"urgent": {"a"}},
		Rules: rules.List{{Name: "torn", Expression: "n <"}}, MaxAge: &rules.AgeConfig{Field: "ts"}, Dedupe: &dedupe.Config{Count: -1},
	})
	var keys []string
	var walk func(error)
	walk = func(err error) {
		if e, ok := errors.AsType[*pipeline.ConfigError](err); ok && err == error(e) {
			keys = append(keys, e.Key)
		} else if joined, ok := err.(interface{ Unwrap() []error }); ok {
			for _, one := range joined.Unwrap() {
				walk(one)
			}
		}
	}
	walk(err)
	want := "schema duplicate_keys required_by_lane.urgent rules.torn max_age dedupe.key dedupe.count"
	if got := strings.Join(keys, " "); got != want {
		t.Errorf("mistakes at %s\nwant %s", got, want)
	}
}

func TestChecksThatPassAllocateNothing(t *testing.T) {
	cfg := everyCheck(t)
	cfg.Schema = ""
	cfg.Dedupe.Within = time.Nanosecond // so that the same batch passes again
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ages := 1_000_000 * time.Hour
	cfg.MaxAge.Limit = &ages
	batch := pipeline.NewBatch(pipeline.LaneNormal, benchLines(t, pipeline.MaxBatchRecords)...)
	process := func() {
		if err := s.Process(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	process()
	live := batch.Live()
	// The best of some: the race detector makes pools forget a part of what they
	// are given.
	least := testing.AllocsPerRun(100, process)
	for range 50 {
		least = min(least, testing.AllocsPerRun(1, process))
	}
	if least > 0 {
		t.Errorf("%v allocations for a batch that passes", least)
	}
	if live != batch.Len() || batch.Live() != live {
		t.Errorf("%d of %d records live, then %d", live, batch.Len(), batch.Live())
	}
}

func writeSchema(t testing.TB, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
