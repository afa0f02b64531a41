package timestamp

import "time"

// longest is the length up to which a timestamp in an unusual spelling is
// read: nine digits of a fraction and an offset.
const longest = len("2006-01-02T15:04:05.999999999+07:00")

// Parse reads an RFC 3339 timestamp: a date, T, a time with any number of
// fraction digits (those beyond nanoseconds do not count), and Z or an offset.
// t and z in lower case are taken as the RFC has it; a leap second is the
// second before it. It does not allocate for what is a timestamp.
func Parse(text []byte) (t time.Time, ok bool) {
	const head = len("2006-01-02T15:04:05")
	if len(text) <= head || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':' {
		return t, false
	}
	if text[10] == 'T' && text[len(text)-1] != 'z' && text[17] != '6' {
		err := t.UnmarshalText(text)
		return t, err == nil
	}
	if len(text) > longest {
		return t, false
	}
	var buf [longest]byte
	usual := append(buf[:0], text...)
	if usual[10] == 't' {
		usual[10] = 'T'
	}
	if last := len(usual) - 1; usual[last] == 'z' {
		usual[last] = 'Z'
	}
	leap := usual[17] == '6' && usual[18] == '0'
	if leap {
		usual[17], usual[18] = '5', '9'
	}
	if t.UnmarshalText(usual) != nil {
		return time.Time{}, false
	}
	if utc := t.UTC(); leap && (utc.Hour() != 23 || utc.Minute() != 59) {
		return time.Time{}, false
	}
	return t, true
}
