package infer

import (
	"fmt"
	"strings"
	"testing"
)

func configOf(t testing.TB, lines ...string) string {
	return string(inferred(t, lines...).Config(ConfigOptions{Schema: "s.json", Table: "events", Sink: "sqlite://events.db"}))
}

func TestColumnsTakeWhatWasSeen(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  string // a line of the configuration
	}{
		{"texts", []string{`{"x":"a"}`, `{"x":null}`}, "    x: text\n"},
		{"integers", []string{`{"x":1}`}, "    x: integer\n"},
		{"reals", []string{`{"x":1}`, `{"x":0.5}`}, "    x: real\n"},
		{"integers beyond 64 bits", []string{`{"x":123456789012345678901}`}, "    x: real\n"},
		{"numbers beyond reals", []string{`{"x":1e400}`}, "    x: text\n"},
		{"booleans", []string{`{"x":true}`}, "    x: boolean\n"},
		{"timestamps", []string{`{"x":"2026-03-01T12:00:00Z"}`}, "    x: timestamp\n"},
		{"a timestamp beyond the years of a column", []string{`{"x":"0000-01-01T00:00:00+01:00"}`}, "    x: text\n"},
		{"scalars of several types", []string{`{"x":1}`, `{"x":"a"}`, `{"x":true}`}, "    x: text\n"},
		{"lists", []string{`{"x":[1]}`}, "    x: json\n"},
		{"a list once", []string{`{"x":"a"}`, `{"x":[]}`}, "    x: json\n"},
		{"a name with a dot", []string{`{"id.x":1}`}, "    id.x: integer\n"},
		{"a name that YAML must quote", []string{`{"a: b":1}`}, "    \"a: b\": integer\n"},
		{"a word of YAML", []string{`{"no":1}`}, "    \"no\": integer\n"},
		{"a name of SQLite's own", []string{`{"rowid":1}`}, "    rowid_2: {type: integer, from: rowid}\n"},
		{"two names alike to a database", []string{`{"A":1,"a":2}`}, "    a_2: {type: integer, from: a}\n"},
		{"the empty name", []string{`{"":1}`}, `    _2: {type: integer, from: "\"\""}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := configOf(t, tt.lines...); !strings.Contains(got, tt.want) {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestKeyIsAlwaysThereAndNeverTwice(t *testing.T) {
	tests := []struct {
		name  string
		lines []string
		want  string // "" for no key
	}{
		{"an id", repeat(30, func(i int) string { return fmt.Sprintf(`{"n":%d,"id":"e-%d"}`, i, i) }), "id"},
		{"a name that ends like one", repeat(30, func(i int) string { return fmt.Sprintf(`{"orderId":%d}`, i) }), "orderId"},
		{"the better name", repeat(30, func(i int) string { return fmt.Sprintf(`{"user_id":%d,"id":%d}`, i, i) }), "id"},
		{"not when a value comes twice", repeat(30, func(i int) string { return fmt.Sprintf(`{"id":%d}`, i%29) }), ""},
		{"not when it is missing once", append(repeat(30, func(i int) string { return fmt.Sprintf(`{"id":%d}`, i) }), `{}`), ""},
		{"not when it is null once", append(repeat(30, func(i int) string { return fmt.Sprintf(`{"id":%d}`, i) }), `{"id":null}`), ""},
		{"not a word that ends like one", repeat(30, func(i int) string { return fmt.Sprintf(`{"paid":%d}`, i) }), ""},
		{"not a name that says nothing", repeat(30, func(i int) string { return fmt.Sprintf(`{"n":%d}`, i) }), ""},
		{"a UUID whatever its name", repeat(30, func(i int) string { return fmt.Sprintf(`{"n":"0b8f3c9e-4a1c-4f5e-9b7d-%012x"}`, i) }), "n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, c := range inferred(t, tt.lines...).Columns() {
				if c.Key {
					got = c.Name
				}
			}
			if got != tt.want {
				t.Errorf("key %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLaneIsAFieldWithNamesOfLevels(t *testing.T) {
	levels := func(field string, names ...string) []string {
		return repeat(30, func(i int) string { return fmt.Sprintf(field, names[i%len(names)]) })
	}
	tests := []struct {
		name  string
		lines []string
		want  string // "" for no lane
	}{
		{"levels that are known", levels(`{"level":%q}`, "info", "error", "DEBUG"), "    field: level\n    default"},
		{"levels that need a map", levels(`{"level":%q}`, "Info", "err"), "    field: level\n    map:\n      Info: normal\n      err: high\n    default"},
		{"inside an object", levels(`{"log":{"x.level":%q}}`, "info", "error"), `    field: "log.\"x.level\""` + "\n"},
		{"lanes", levels(`{"priority":%q}`, "high", "low", "none"), "    field: priority\n"},
		{"one level alone", levels(`{"level":%q}`, "info"), ""},
		{"mostly something else", levels(`{"level":%q}`, "info", "error", "a", "b", "c"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := configOf(t, tt.lines...)
			if tt.want == "" && strings.Contains(got, "lane:") || !strings.Contains(got, tt.want) {
				t.Errorf("%s\nwant %q", got, tt.want)
			}
		})
	}
}
