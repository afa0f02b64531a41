package rules

import (
	"testing"

	"sluice/pipeline"
)

func TestALaneAsksForItsFields(t *testing.T) {
	s, err := NewRequired(map[string][]string{"critical": {"host", "owner.team"}, "low": {"ts"}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		lane pipeline.Lane
		line string
		want string
	}{
		{"a record that has them", pipeline.LaneCritical, `{"host":"a","owner":{"team":"x"}}`, "passes"},
		{"values of any kind will do", pipeline.LaneCritical, `{"host":"","owner":{"team":false}}`, "passes"},
		{"a missing one", pipeline.LaneCritical, `{"owner":{"team":"x"}}`, "required at /host: host is missing; records of the lane critical must have it"},
		{"null", pipeline.LaneCritical, `{"host":"a","owner":{"team":null}}`, "required at /owner/team: owner.team is null; records of the lane critical must have it"},
		{"the first of two", pipeline.LaneCritical, `{}`, "required at /host: host is missing; records of the lane critical must have it"},
		{"the last of duplicate keys counts", pipeline.LaneCritical, `{"host":"a","owner":{"team":"x"},"host":null}`, "required at /host: host is null; records of the lane critical must have it"},
		{"another lane asks for others", pipeline.LaneLow, `{"ts":1}`, "passes"},
		{"a lane without a list asks for none", pipeline.LaneNormal, `{}`, "passes"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := s.Check(nil, record(t, tt.lane, tt.line)); say(err) != tt.want {
				t.Errorf("%s\nwant %s", say(err), tt.want)
			}
		})
	}
}

func TestMistakesInRequiredFieldsAreReportedTogether(t *testing.T) {
	_, err := NewRequired(map[string][]string{"critical": {"a", "b..c"}, "urgent": {"a"}, "low": nil})
	if got, want := mistakes(err), "critical[1] low urgent"; got != want {
		t.Errorf("mistakes at %s, want %s: %v", got, want, err)
	}
}
