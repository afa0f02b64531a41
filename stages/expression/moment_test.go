package expression

import (
	"testing"
	"testing/synctest"
	"time"
)

// noon is what now() is in these tests.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestTextBesideATimeIsATimestamp(t *testing.T) {
	tests := []struct{ name, source, line, want string }{
		{"a past one is not after now", `ts > now()`, `{"ts":"2026-03-01T11:59:59Z"}`, "false"},
		{"a future one is", `ts > now()`, `{"ts":"2026-03-01T12:00:00.000000001Z"}`, "true"},
		{"the offset counts", `ts > now()`, `{"ts":"2026-03-01T13:30:00+02:00"}`, "false"},
		{"on the right too", `now() >= ts`, `{"ts":"2026-03-01T12:00:00Z"}`, "true"},
		{"an age is compared with a duration", `now() - ts > duration("24h")`, `{"ts":"2026-02-28T11:00:00Z"}`, "true"},
		{"a younger one is not", `now() - ts > duration("24h")`, `{"ts":"2026-02-28T13:00:00Z"}`, "false"},
		{"the way round", `ts - now() > duration("5m")`, `{"ts":"2026-03-01T12:06:00Z"}`, "true"},
		{"against a time that is computed", `ts < now() - duration("1h")`, `{"ts":"2026-03-01T10:59:59Z"}`, "true"},
		{"against a duration before now", `ts < duration("1h") + now()`, `{"ts":"2026-03-01T12:59:59Z"}`, "true"},
		{"sums of durations", `now() - ts > duration("23h") + duration("1h")`, `{"ts":"2026-02-28T11:00:00Z"}`, "true"},
		{"differences of durations", `now() - ts > duration("25h") - duration("1h")`, `{"ts":"2026-02-28T11:00:00Z"}`, "true"},
		{"two fields, one read as a time", `end - date(start) > duration("1s")`, `{"start":"2026-03-01T12:00:00Z","end":"2026-03-01T12:00:02Z"}`, "true"},
		{"an escaped one", `ts > now()`, "{\"ts\":\"2027-03-01T12:00:00\\u005a\"}", "true"},
		{"equal to now", `ts == now()`, `{"ts":"2026-03-01T13:00:00+01:00"}`, "true"},
		{"not equal to now", `ts != now()`, `{"ts":"2026-03-01T13:00:00+01:00"}`, "false"},
		{"in a variable", `let n = now(); ts > n`, `{"ts":"2026-03-01T12:00:01Z"}`, "true"},
		{"beyond 64 bits of nanoseconds", `ts > now()`, `{"ts":"9999-12-31T23:59:59Z"}`, "true"},
		{"before them", `ts < now() - duration("1h")`, `{"ts":"0001-01-01T00:00:00Z"}`, "true"},
		{"a missing field", `ts > now()`, `{}`, "missing"},
		{"null", `ts > now()`, `{"ts":null}`, "missing"},
		{"null that is handled", `ts == nil or ts > now()`, `{"ts":null}`, "true"},
		{"now alone", `now()`, `{}`, `"2026-03-01T12:00:00Z"`},
		{"now twice", `now() == now()`, `{}`, "true"},
		{"a text that is none", `ts > now()`, `{"ts":"yesterday"}`,
			`error: found "yesterday"; expected an RFC 3339 timestamp such as 2006-01-02T15:04:05Z at column 1`},
		{"a number", `ts > now()`, `{"ts":5}`, `error: found 5; expected an RFC 3339 timestamp such as 2006-01-02T15:04:05Z at column 1`},
		{"two texts", `a < b`, `{"a":"2026-03-01T13:00:00+02:00","b":"2026-03-01T12:00:00Z"}`, "false"},
	}
	m := &Machine{At: noon}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := mustCompile(t, tt.source)
			r := record(t, tt.line)
			if got := show(m.Eval(p, r)); got != tt.want {
				t.Errorf("%s of %s: %s, want %s", tt.source, tt.line, got, tt.want)
			}
			m.begin(p, r)
			if got := show(m.evalVM(p)); got != tt.want {
				t.Errorf("%s of %s on the machine: %s, want %s", tt.source, tt.line, got, tt.want)
			}
		})
	}
}

func TestNowIsLookedAtOncePerEvaluation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m Machine
		p, r := mustCompile(t, `now()`), record(t, `{}`)
		first := show(m.Eval(p, r))
		time.Sleep(time.Second)
		if second := show(m.Eval(p, r)); second == first {
			t.Errorf("a second later it is still %s", second)
		}
	})
}

func TestTimesCompileAndDoNotAllocate(t *testing.T) {
	r := record(t, `{"ts":"2026-03-01T11:59:59.123Z"}`)
	m := &Machine{At: noon}
	for _, source := range []string{`ts > now()`, `now() - ts > duration("24h")`, `date(ts) < now() - duration("1h")`} {
		p := mustCompile(t, source)
		if !p.Compiled() {
			t.Errorf("%s is not compiled", source)
		}
		n := testing.AllocsPerRun(100, func() {
			if _, err := m.Eval(p, r); err != nil {
				t.Fatal(err)
			}
		})
		if n > 0 {
			t.Errorf("%s: %v allocations", source, n)
		}
	}
}
