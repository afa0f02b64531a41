package rules

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"sluice/pipeline"
	"sluice/stages/expression"
)

func TestARuleThatIsTrueNamesAFault(t *testing.T) {
	tests := []struct{ name, rules, line, want string }{
		{"one that is false", `negative: n < 0`, `{"n":1}`, "passes"},
		{"one that is true", `negative: n < 0`, `{"n":-1}`, "rule at /n: rule negative: n < 0; n is -1"},
		{"a timestamp in the future", `late: ts > now()`, `{"ts":"2026-03-01T12:00:01Z"}`, `rule at /ts: rule late: ts > now(); ts is "2026-03-01T12:00:01Z"`},
		{"several fields have no one place", `order: end < start`, `{"start":2,"end":1}`, "rule at : rule order: end < start; end is 1, start is 2"},
		{"a path", `port: id.port > 65535`, `{"id":{"port":70000}}`, "rule at /id/port: rule port: id.port > 65535; id.port is 70000"},
		{"the first of two", "a: n < 0\nb: n < 10", `{"n":-1}`, "rule at /n: rule a: n < 0; n is -1"},
		{"the second of two", "a: n < 0\nb: n < 10", `{"n":1}`, "rule at /n: rule b: n < 10; n is 1"},
		{"a missing field does not apply", `negative: n < 0`, `{}`, "passes"},
		{"null neither", `negative: n < 0`, `{"n":null}`, "passes"},
		{"a missing field that the expression handles", `gone: n == nil`, `{}`, "rule at /n: rule gone: n == nil; n is missing"},
		{"a value of another type", `negative: n < 0`, `{"n":"x"}`, `rule at /n: rule negative: cannot tell whether n < 0: invalid operation: string < int at column 3; n is "x"`},
		{"a text that is no timestamp", `late: ts > now()`, `{"ts":"soon"}`,
			`rule at /ts: rule late: cannot tell whether ts > now(): found "soon"; expected an RFC 3339 timestamp such as 2006-01-02T15:04:05Z at column 1; ts is "soon"`},
		{"a result that is no boolean", `n: n`, `{"n":1}`, "rule at /n: rule n: cannot tell whether n: its result is an integer; expected true or false; n is 1"},
		{"null as the result", `n: n ?? nil`, `{}`, "passes"},
		{"a list from its end", `last: tags[-1] == 'x'`, `{"tags":["x"]}`, "rule at : rule last: tags[-1] == 'x'"},
		{"a long value is cut", `long: len(s) > 3`, `{"s":"` + strings.Repeat("é", 100) + `"}`, `rule at /s: rule long: len(s) > 3; s is "` + strings.Repeat("é", 39) + "..."},
		{"always", `always: true`, `{}`, "rule at : rule always: true"},
	}
	m := &expression.Machine{At: noon}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var list List
			if err := yaml.Unmarshal([]byte(tt.rules), &list); err != nil {
				t.Fatal(err)
			}
			s, err := New(list)
			if err != nil {
				t.Fatal(err)
			}
			if got := say(s.Check(m, record(t, pipeline.LaneNormal, tt.line))); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestMistakesInRulesAreReportedTogether(t *testing.T) {
	_, err := New(List{{"good", "n < 0"}, {"torn", "n <"}, {"none", ""}, {"text", "'x'"}, {"unknown", "olderThan(ts)"}})
	if got, want := mistakes(err), "torn none text unknown"; got != want {
		t.Errorf("mistakes at %s, want %s: %v", got, want, err)
	}
	var list List
	err = yaml.Unmarshal([]byte("a: n < 0\nb: [n]\nc: 5\n"), &list)
	if err == nil || !strings.Contains(err.Error(), "b: found a list") || !strings.Contains(err.Error(), "c: found 5") {
		t.Errorf("%v", err)
	}
	if err := yaml.Unmarshal([]byte("[n < 0]"), &list); err == nil || !strings.Contains(err.Error(), "found a list; expected a mapping") {
		t.Errorf("%v", err)
	}
}

func TestChecksThatPassDoNotAllocate(t *testing.T) {
	s, err := New(List{{"late", "ts > now()"}, {"negative", "n < 0"}, {"old", `now() - ts > duration("24h")`}})
	if err != nil {
		t.Fatal(err)
	}
	r := record(t, pipeline.LaneCritical, `{"ts":"2026-03-01T11:00:00+00:00","n":1,"host":"a","owner":{"team":"x"}}`)
	required, err := NewRequired(map[string][]string{"critical": {"host", "owner.team"}})
	if err != nil {
		t.Fatal(err)
	}
	age := mustAge(t, AgeConfig{Field: "ts", Limit: &day, Future: &minute})
	m := &expression.Machine{At: noon}
	var buf []pipeline.Value
	check := func() {
		var missing *pipeline.RecordError
		buf, missing = required.Check(buf, r)
		if missing != nil || s.Check(m, r) != nil || age.Check(r, noon) != nil {
			t.Error("refused")
		}
	}
	if n := testing.AllocsPerRun(100, check); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
