package timestamp

import (
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 30, 15, 0, time.UTC)
	tests := []struct {
		name, text string
		want       time.Time
		ok         bool
	}{
		{"in UTC", "2026-03-01T12:30:15Z", at, true},
		{"with an offset", "2026-03-01T14:30:15+02:00", at, true},
		{"with a fraction", "2026-03-01T12:30:15.25Z", at.Add(250 * time.Millisecond), true},
		{"with more digits than nanoseconds", "2026-03-01T12:30:15.1234567891Z", at.Add(123456789), true},
		{"in lower case", "2026-03-01t12:30:15z", at, true},
		{"a leap second", "2016-12-31T23:59:60Z", time.Date(2016, 12, 31, 23, 59, 59, 0, time.UTC), true},
		{"a leap second with an offset", "2017-01-01T01:59:60+02:00", time.Date(2016, 12, 31, 23, 59, 59, 0, time.UTC), true},
		{"a leap second in the middle of a day", "2016-12-31T12:00:60Z", time.Time{}, false},
		{"a second 61", "2016-12-31T23:59:61Z", time.Time{}, false},
		{"a space for the T", "2026-03-01 12:30:15Z", time.Time{}, false},
		{"without an offset", "2026-03-01T12:30:15", time.Time{}, false},
		{"a date alone", "2026-03-01", time.Time{}, false},
		{"a day that is not", "2026-02-29T12:30:15Z", time.Time{}, false},
		{"another text", "yesterday, about half past twelve", time.Time{}, false},
		{"nothing", "", time.Time{}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Parse([]byte(tt.text))
			if ok != tt.ok || !got.Equal(tt.want) {
				t.Errorf("%v %v, want %v %v", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	for _, text := range []string{"2026-03-01T12:30:15.25+02:00", "2026-03-01t12:30:15z"} {
		b := []byte(text)
		if n := testing.AllocsPerRun(100, func() { Parse(b) }); n > 0 {
			t.Errorf("%s: %v allocations", text, n)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("2026-03-01T12:30:15.25+02:00"))
	f.Add([]byte("2016-12-31t23:59:60z"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, ok := Parse(text)
		if want, err := time.Parse(time.RFC3339, string(text)); err == nil && len(text) > 10 && text[10] == 'T' && ok && !got.Equal(want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	})
}
