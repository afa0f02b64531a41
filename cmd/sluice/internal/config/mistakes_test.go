package config_test

import (
	"errors"
	"strings"
	"testing"

	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
)

func TestAllMistakesAreReportedAtOnceWithTheirPlaces(t *testing.T) {
	const file = `source:
  max_record_bites: 1MiB
  lane: {field: level, map: {fatal: urgent}}
validate:
  workers: two
budget: much
lanes:
  low: {capacity: 0}
enrich:
  workers: 5000
`
	err := load(t, file, nil).Err()
	problems, ok := errors.AsType[config.Problems](err)
	if !ok || len(problems) != 6 {
		t.Fatalf("got %v; expected six problems", err)
	}
	for i, want := range []struct {
		line, column int
		key, message string
	}{
		{2, 3, "source.max_record_bites", "unknown key; did you mean max_record_bytes?"},
		{3, 37, "source.lane.map.fatal", `unknown lane "urgent": expected critical, high, normal or low`},
		{5, 12, "validate.workers", `found the text "two"; expected a whole number`},
		{6, 9, "budget", `"much"; expected a size such as 1MiB, 64MiB or 1048576`},
		{8, 19, "lanes.low.capacity", "0; expected at least 1 record"},
		{10, 12, "enrich.workers", "5000; expected 1 to 1024"},
	} {
		p := problems[i]
		if p.Line != want.line || p.Column != want.column || p.Key != want.key || p.Message != want.message {
			t.Errorf("problem %d is %d:%d %s: %s\nwant %d:%d %s: %s", i,
				p.Line, p.Column, p.Key, p.Message, want.line, want.column, want.key, want.message)
		}
	}
	const excerpt = "    5 |   workers: two\n      |            ^"
	if !strings.Contains(err.Error(), "the configuration has 6 mistakes") || !strings.Contains(err.Error(), excerpt) {
		t.Errorf("the text shows no %q:\n%v", excerpt, err)
	}
}

func TestMistakesInAFile(t *testing.T) {
	for name, tt := range map[string]struct {
		file string
		want string
	}{
		"a key that stands twice":           {"budget: 64MiB\nbudget: 65MiB\n", "sluice.yaml:2:1: budget: the key stands here a second time"},
		"text that is not YAML":             {"source: {lane: [\n", "sluice.yaml:1:"},
		"a list where a mapping must stand": {"persist: [1]\n", "sluice.yaml:1:10: persist: found a list; expected a mapping with sink, table"},
		"a mapping where a value must":      {"budget: {a: 1}\n", "budget: found a mapping; expected a single value"},
		"a top level that is no mapping":    {"- 1\n", "sluice.yaml:1:1: found a list; expected a mapping with source"},
		"a key far from any known one":      {"zzzzzz: 1\n", "unknown key; expected source, validate, enrich, persist"},
		"an unknown full mode":              {"lanes: {low: {full: drop}}\n", `sluice.yaml:1:21: lanes.low.full: "drop"; expected wait`},
		"an alias without anchor":           {"lanes: {low: *base}\n", "there is no anchor &base before this alias"},
		"two documents":                     {"budget: 64MiB\n---\nbudget: 65MiB\n", "sluice.yaml:3:1: there is a second YAML document"},
		"a schedule of the top level":       {"schedule: fair\n", `sluice.yaml:1:11: schedule: "fair"; expected weighted or strict`},
		"a schedule of a stage":             {"persist:\n  schedule: fair\n", `sluice.yaml:2:13: persist.schedule: "fair"; expected weighted or strict`},
		"a full mode of a stage":            {"enrich: {lanes: {low: {full: drop}}}\n", `enrich.lanes.low.full: "drop"; expected wait, drop-write, drop-oldest or drop-newest`},
		"a place where drops cannot go":     {"lanes: {low: {dropped: away}}\n", `lanes.low.dropped: "away"; expected count or dead-letter`},
		"a wait below nothing":              {"lanes: {low: {max_wait: -1s}}\n", `lanes.low.max_wait: -1s; expected a time that is not negative`},
		"a wait without a unit":             {"lanes: {low: {max_wait: 5}}\n", `lanes.low.max_wait: "5"; expected a duration with its unit`},
		"an age share of every pick":        {"schedule: {kind: strict, age_share: 1}\n", `sluice.yaml:1:37: schedule.age_share: 1; expected 2 to 1000`},
		"a schedule with a key too many":    {"schedule: {kind: strict, age: 1}\n", "schedule.age: unknown key"},
		"no workers":                        {"persist: {workers: 0}\n", "persist.workers: 0; expected 1 to 1024"},
		"a map without a field":             {"source: {lane: {map: {a: low}}}\n", "sluice.yaml:1:10: source.lane.field: there is none, but a map"},
		"a lane field that is no path":      {"source: {lane: {field: a..b}}\n", "sluice.yaml:1:24: source.lane.field: "},
		"no time to drain":                  {"drain_timeout: 0s\n", "drain_timeout: 0s; expected more than 0"},
		"a budget too small for a record":   {"source: {max_record_bytes: 100MiB}\n", "budget: 67108864 bytes; expected at least"},
	} {
		t.Run(name, func(t *testing.T) {
			err := load(t, tt.file, nil).Err()
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got:\n%v\nwant: %s", err, tt.want)
			}
		})
	}
}

func TestAMistakeOfTheTopLevelIsReportedOnce(t *testing.T) {
	err := load(t, "lanes: {low: {weight: 5000}}\n", nil).Err()
	problems, _ := errors.AsType[config.Problems](err)
	if len(problems) != 1 || problems[0].Key != "lanes.low.weight" || problems[0].Column != 23 {
		t.Errorf("got %v", err)
	}
}

func TestAddFindsThePlaceOfASectionsMistake(t *testing.T) {
	const file = `persist:
  sink: sqlite://x.db
  columns:
    "id.orig_h": {type: text}
    status:
      type: integer
enrich:
  steps:
    - set: {a: 1}
    - compute: {b: "x +"}
`
	for key, want := range map[string][2]int{
		"persist.columns.status.type":      {6, 13},
		"persist.columns.status.from":      {5, 5},
		"persist.columns.id.orig_h.type":   {4, 25},
		`persist.columns."id.orig_h".type`: {4, 25},
		"persist.table":                    {1, 1},
		"enrich.steps[1].compute.b":        {10, 20},
		"enrich.steps[0]":                  {9, 7},
		"validate.schema":                  {0, 0},
		"enrich.steps[7].set":              {8, 3},
	} {
		t.Run(key, func(t *testing.T) {
			l := load(t, file, nil)
			l.Add("", &pipeline.ConfigError{Key: key, Message: "wrong"})
			problems, _ := errors.AsType[config.Problems](l.Err())
			if len(problems) != 1 || problems[0].Line != want[0] || problems[0].Column != want[1] {
				t.Errorf("got %v; want it at %v", l.Err(), want)
			}
		})
	}
}

func TestPasswordsAreNotShown(t *testing.T) {
	l := load(t, "persist: {sink: 'postgres://me:s3cret@db/x'}\n", nil)
	l.Add("persist", &pipeline.ConfigError{Key: "sink", Message: "postgres://me:s3cret@db/x; expected sqlite://"})
	if text := l.Err().Error(); strings.Contains(text, "s3cret") || !strings.Contains(text, "postgres://me:***@db/x; expected") {
		t.Errorf("got %s", text)
	}
}

func TestAnchorsAndMergeKeys(t *testing.T) {
	const file = `
validate: &pool {workers: 3, lanes: {low: &low {capacity: 9}}}
enrich:
  <<: *pool
  workers: 4
persist: {lanes: {high: *low}}
`
	l := load(t, file, nil)
	if err := l.Err(); err != nil {
		t.Fatal(err)
	}
	if l.Enrichment.Workers != 4 || *l.Enrichment.Lanes.Low.Capacity != 9 || *l.Persistence.Lanes.High.Capacity != 9 {
		t.Errorf("got %+v and %+v", l.Enrichment, l.Persistence)
	}
}
