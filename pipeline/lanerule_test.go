package pipeline

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestLaneRuleChooses(t *testing.T) {
	rule := LaneRule{
		Field:   "meta.level",
		Map:     map[string]Lane{"fatal": LaneCritical, "503": LaneHigh, "true": LaneLow, "a\"b": LaneHigh, "null": LaneCritical, "{}": LaneCritical, "": LaneLow},
		Default: LaneNormal,
	}
	chooser, err := rule.compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, line string
		want       Lane
	}{
		{"a string of the map", `{"meta":{"level":"fatal"}}`, LaneCritical},
		{"a string that is not in the map", `{"meta":{"level":"info"}}`, LaneNormal},
		{"a string with escapes", `{"meta":{"level":"f\u0061tal"}}`, LaneCritical},
		{"a string with a quote", `{"meta":{"level":"a\"b"}}`, LaneHigh},
		{"a string with escapes that is not in the map", `{"meta":{"level":"\n"}}`, LaneNormal},
		{"an empty string", `{"meta":{"level":""}}`, LaneLow},
		{"a number", `{"meta":{"level":503}}`, LaneHigh},
		{"a number as string", `{"meta":{"level":"503"}}`, LaneHigh},
		{"a number spelled in another way", `{"meta":{"level":503.0}}`, LaneNormal},
		{"a boolean", `{"meta":{"level":true}}`, LaneLow},
		{"null", `{"meta":{"level":null}}`, LaneNormal},
		{"an object", `{"meta":{"level":{}}}`, LaneNormal},
		{"no field", `{"meta":{}}`, LaneNormal},
		{"a path through a string", `{"meta":"fatal"}`, LaneNormal},
		{"the last of two fields", `{"meta":{"level":"fatal","level":"503"}}`, LaneHigh},
		{"a record that is no object", `["fatal"]`, LaneNormal},
	} {
		t.Run(test.name, func(t *testing.T) {
			root := scanned(t, test.line)
			if got := chooser.lane(root); got != test.want {
				t.Errorf("%v; expected %v", got, test.want)
			}
			if n := testing.AllocsPerRun(10, func() { chooser.lane(root) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	}
	if got := chooser.lane(Value{}); got != LaneNormal {
		t.Errorf("a line that is not JSON: %v", got)
	}
	if c, _ := DefaultLaneRule().compile(); c.lane(scanned(t, `{"a":1}`)) != LaneNormal {
		t.Error("the default rule does not send to normal")
	}
}

func TestLaneRuleReportsEveryMistake(t *testing.T) {
	for _, test := range []struct {
		name string
		rule LaneRule
		want string
	}{
		{"no mistake", LaneRule{Field: "level", Map: map[string]Lane{"x": LaneLow}, Default: LaneHigh}, ""},
		{"the default rule", DefaultLaneRule(), ""},
		{"a map without field", LaneRule{Map: map[string]Lane{"x": LaneLow}}, "field: there is none, but a map; expected the path of the field that map's keys are compared with"},
		{"a broken field and lanes that do not exist", LaneRule{Field: "a.", Map: map[string]Lane{"y": 9, "x": 8}, Default: 7},
			`field: path "a." ends at byte 2, expected a key (one with any of .[]" in it is quoted: "id.orig_h")` +
				"\nmap.x: lane(8); expected critical, high, normal or low\nmap.y: lane(9); expected critical, high, normal or low" +
				"\ndefault: lane(7); expected critical, high, normal or low"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := ""
			if err := test.rule.Validate(); err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("error\n  %s\nexpected\n  %s", strings.ReplaceAll(got, "\n", "\n  "), strings.ReplaceAll(test.want, "\n", "\n  "))
			}
		})
	}
}

func TestLaneRuleSurvivesJSON(t *testing.T) {
	for _, rule := range []LaneRule{
		{}, DefaultLaneRule(),
		{Field: `"id.orig_h"`, Map: map[string]Lane{"503": LaneHigh, "": LaneCritical}, Default: LaneLow},
	} {
		text, err := json.Marshal(rule)
		if err != nil {
			t.Fatal(err)
		}
		var again LaneRule
		if err := json.Unmarshal(text, &again); err != nil || !reflect.DeepEqual(again, rule) {
			t.Errorf("%s became %+v (%v); expected %+v", text, again, err, rule)
		}
	}
}
