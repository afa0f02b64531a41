package rules

import (
	"testing"
	"time"

	"sluice/pipeline"
)

var day, minute = 24 * time.Hour, time.Minute

func mustAge(t testing.TB, c AgeConfig) *Age {
	t.Helper()
	a, err := NewAge(c)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAgeIsBoundedOnBothSides(t *testing.T) {
	both, old, future := AgeConfig{"ts", &day, &minute}, AgeConfig{"ts", &day, nil}, AgeConfig{"ts", nil, new(time.Duration)}
	tests := []struct {
		name   string
		config AgeConfig
		line   string
		want   string
	}{
		{"just in time", both, `{"ts":"2026-02-28T12:00:00Z"}`, "passes"},
		{"just too late", both, `{"ts":"2026-02-28T11:59:59.999Z"}`, `too_old at /ts: ts is "2026-02-28T11:59:59.999Z"; 24h0m0.001s old when it came; must be at most 24h0m0s`},
		{"the offset counts", both, `{"ts":"2026-02-28T12:00:00+01:00"}`, `too_old at /ts: ts is "2026-02-28T12:00:00+01:00"; 25h0m0s old when it came; must be at most 24h0m0s`},
		{"just near enough ahead", both, `{"ts":"2026-03-01T12:01:00Z"}`, "passes"},
		{"too far ahead", both, `{"ts":"2026-03-01T12:01:00.5Z"}`, `in_future at /ts: ts is "2026-03-01T12:01:00.5Z"; 1m0.5s in the future when it came; must be at most 1m0s`},
		{"any time ahead without a bound", old, `{"ts":"9999-12-31T23:59:59Z"}`, "passes"},
		{"any age without a bound", future, `{"ts":"0001-01-01T00:00:00Z"}`, "passes"},
		{"nothing ahead with a bound of 0", future, `{"ts":"2026-03-01T12:00:00.001Z"}`, `in_future at /ts: ts is "2026-03-01T12:00:00.001Z"; 1ms in the future when it came; must be at most 0s`},
		{"missing", both, `{}`, "passes"},
		{"null", both, `{"ts":null}`, "passes"},
		{"an escaped one", both, "{\"ts\":\"2026-03-01T12:00:00\\u005a\"}", "passes"},
		{"another text", both, `{"ts":"today"}`, `rule at /ts: ts is "today"; expected an RFC 3339 timestamp such as 2006-01-02T15:04:05Z, whose age can be told`},
		{"a number", both, `{"ts":1772366400}`, `rule at /ts: ts is 1772366400; expected an RFC 3339 timestamp such as 2006-01-02T15:04:05Z, whose age can be told`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := mustAge(t, tt.config)
			if got := say(a.Check(record(t, pipeline.LaneNormal, tt.line), noon)); got != tt.want {
				t.Errorf("%s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestMistakesInAnAgeAreReportedTogether(t *testing.T) {
	negative := -time.Second
	_, err := NewAge(AgeConfig{"a..b", &negative, &negative})
	if got, want := mistakes(err), "field limit future"; got != want {
		t.Errorf("mistakes at %s, want %s: %v", got, want, err)
	}
	if _, err := NewAge(AgeConfig{Field: "ts"}); err == nil {
		t.Error("an age without a bound is taken")
	}
	if _, err := NewAge(AgeConfig{Limit: &day}); err == nil {
		t.Error("an age without a field is taken")
	}
}
