package row

import (
	"bytes"
	"net/netip"
	"testing"
	"time"
)

func TestTimestampsCountMicroseconds(t *testing.T) {
	for text, want := range map[string]int64{
		"1970-01-01T00:00:00Z":               0,
		"1970-01-01T00:00:00.000001Z":        1,
		"1970-01-01T00:00:00.0000014999999Z": 1,
		"1970-01-01T00:00:00.0000015Z":       2,
		"1970-01-01T00:00:00.9999999Z":       1_000_000,
		"1969-12-31T23:59:59.5Z":             -500_000,
		"1970-01-01T01:00:00+01:00":          0,
		"1972-06-30T23:59:60Z":               78_796_800_000_000,
	} {
		if got, ok := Timestamp([]byte(text)); !ok || got != want {
			t.Errorf("%s: got %d, %v; expected %d", text, got, ok, want)
		}
	}
}

// What these take agrees with the standard library.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"2024-02-29", "2023-02-29", "0000-01-01", "2024-01-01T00:00:00.5Z", "10.0.0.1/8", "::1", "fe80::1%a", "0191c2f0-0000-7000-8000-00000000000a", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		day, err := time.Parse(time.DateOnly, string(text))
		if days, ok := Date(text); ok != (err == nil) || ok && days != day.Unix()/86400 {
			t.Errorf("date %q: got %d, %v; expected %v, %v", text, days, ok, day, err)
		}
		if micros, ok := Timestamp(text); ok {
			at, err := time.Parse(time.RFC3339Nano, string(bytes.ToUpper(text)))
			if diff := micros - at.UnixMicro(); err == nil && (diff < 0 || diff > 1) {
				t.Errorf("timestamp %q: got %d; expected %v", text, micros, at)
			}
		}
		if p, ok := Inet(text); ok {
			if again, err := netip.ParsePrefix(p.String()); err != nil || again != p {
				t.Errorf("inet %q: got %v", text, p)
			}
		}
		if id, ok := UUID(text); ok {
			if again, ok := UUID(appendUUID(nil, id)); !ok || again != id {
				t.Errorf("uuid %q: got %x", text, id)
			}
		}
	})
}
