package row

import (
	"strings"
	"testing"
	"time"
)

// utc is what the encoder makes of a timestamp, "" when it refuses it.
func utc(s string) string {
	text := []byte(s)
	if asUTC(text) {
		return string(text)
	}
	out, ok := appendUTC(nil, []byte(s))
	if !ok {
		return ""
	}
	return string(out)
}

func TestTimestamps(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"UTC stays as it is":                    {"2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"},
		"fraction digits are kept":              {"2024-01-01T00:00:00.1234567890123Z", "2024-01-01T00:00:00.1234567890123Z"},
		"trailing zeros are kept":               {"2024-01-01T00:00:00.100+00:00", "2024-01-01T00:00:00.100Z"},
		"an offset moves to UTC":                {"2024-01-01T00:30:00.5+02:00", "2023-12-31T22:30:00.5Z"},
		"a negative offset moves to UTC":        {"2024-02-28T23:30:00-05:30", "2024-02-29T05:00:00Z"},
		"minus zero is UTC":                     {"2024-01-01T00:00:00-00:00", "2024-01-01T00:00:00Z"},
		"lower case becomes upper case":         {"2024-01-01t00:00:00z", "2024-01-01T00:00:00Z"},
		"a leap second at midnight UTC":         {"1990-12-31T23:59:60Z", "1990-12-31T23:59:60Z"},
		"a leap second in another zone":         {"1990-12-31T15:59:60.5-08:00", "1990-12-31T23:59:60.5Z"},
		"second 60 at another time":             {"1990-12-31T22:59:60Z", ""},
		"second 60 that is no leap second here": {"1990-12-31T23:59:60+01:00", ""},
		"second 61":                             {"1990-12-31T23:59:61Z", ""},
		"a space instead of T":                  {"2024-01-01 00:00:00Z", ""},
		"no zone":                               {"2024-01-01T00:00:00", ""},
		"no seconds":                            {"2024-01-01T00:00Z", ""},
		"a date alone":                          {"2024-01-01", ""},
		"a dot without digits":                  {"2024-01-01T00:00:00.Z", ""},
		"a comma for the dot":                   {"2024-01-01T00:00:00,5Z", ""},
		"February 29 of a common year":          {"2023-02-29T00:00:00Z", ""},
		"February 29 of 1900":                   {"1900-02-29T00:00:00Z", ""},
		"February 29 of 2000":                   {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
		"April 31":                              {"2024-04-31T00:00:00Z", ""},
		"month 0":                               {"2024-00-01T00:00:00Z", ""},
		"month 13":                              {"2024-13-01T00:00:00Z", ""},
		"hour 24":                               {"2024-01-01T24:00:00Z", ""},
		"minute 60":                             {"2024-01-01T00:60:00Z", ""},
		"offset of 24 hours":                    {"2024-01-01T00:00:00+24:00", ""},
		"offset without colon":                  {"2024-01-01T00:00:00+0100", ""},
		"before year 0 in UTC":                  {"0000-01-01T00:00:00+01:00", ""},
		"after year 9999 in UTC":                {"9999-12-31T23:59:59-01:00", ""},
		"digits of another script":              {"２024-01-01T00:00:00Z", ""},
		"nothing":                               {"", ""},
		"more behind it":                        {"2024-01-01T00:00:00ZZ", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := utc(c.in); got != c.want {
				t.Errorf("%q: got %q, expected %q", c.in, got, c.want)
			}
		})
	}
}

func TestTimestampsDoNotAllocate(t *testing.T) {
	plain, offset, out := []byte("2024-01-01T00:00:00.123Z"), []byte("2024-01-01T00:00:00.123+05:30"), make([]byte, 0, 64)
	if n := testing.AllocsPerRun(100, func() {
		asUTC(plain)
		out, _ = appendUTC(out[:0], offset)
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// What time.Parse takes as RFC 3339, but for its known leniency, is taken too
// and means the same moment; what it refuses is refused, but for leap seconds
// and lower case.
func FuzzTimestamp(f *testing.F) {
	for _, s := range []string{"2024-01-01T00:00:00Z", "2024-01-01T00:00:00.5+02:00", "0000-01-01T00:00:00-23:59", "1990-12-31T23:59:60Z", "2024-1-1T0:0:0Z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := utc(s)
		want, err := time.Parse(time.RFC3339Nano, s)
		if got == "" {
			if y := want.UTC().Year(); err == nil && len(s) >= len("2006-01-02T15:04:05Z") && !strings.Contains(s, ",") && y >= 0 && y <= 9999 && wellFormed(s) {
				t.Fatalf("%q was refused, time.Parse takes it", s)
			}
			return
		}
		if again := utc(got); again != got {
			t.Fatalf("%q became %q, and that %q", s, got, again)
		}
		if strings.Contains(got, ":60") {
			return
		}
		moment, err := time.Parse(time.RFC3339Nano, got)
		if err != nil {
			t.Fatalf("%q became %q: %v", s, got, err)
		}
		if want, err = time.Parse(time.RFC3339Nano, strings.ToUpper(s)); err != nil || !want.Equal(moment) {
			t.Fatalf("%q became %q, another moment than %v (%v)", s, got, want, err)
		}
	})
}

// wellFormed leaves out what time.Parse takes beyond RFC 3339: an hour of one
// digit and offsets past 23:59.
func wellFormed(s string) bool {
	if s[13] != ':' {
		return false
	}
	if n := len(s); s[n-1] != 'Z' {
		return s[n-3] == ':' && s[n-5:n-3] < "24" && s[n-2:] < "60"
	}
	return true
}
