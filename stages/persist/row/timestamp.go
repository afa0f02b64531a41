package row

import "time"

// Timestamps are RFC 3339: a date, T, a time with any number of fraction
// digits, and Z or an offset. t and z in lower case are taken as the RFC has it
// and become T and Z; a space instead of T is refused. A leap second (60) is
// taken where it can occur, at 23:59:60 UTC, and kept as it is.

// stamp is a timestamp taken apart. The fraction keeps its dot.
type stamp struct {
	year, month, day, hour, minute, second int
	fraction                               []byte
	offset                                 int // minutes east of UTC
}

// asUTC makes a timestamp that is in UTC already canonical in place; false when
// it has another offset or is none.
func asUTC(text []byte) bool {
	last := len(text) - 1
	if last < 0 || text[last]|0x20 != 'z' {
		return false
	}
	if _, ok := parseStamp(text); !ok {
		return false
	}
	text[10], text[last] = 'T', 'Z'
	return true
}

// appendUTC appends the timestamp src in UTC, its fraction digits unchanged;
// false, and dst as it was, when src is none or its year in UTC is not
// 0000 to 9999. src may be a part of dst's array.
func appendUTC(dst, src []byte) ([]byte, bool) {
	s, ok := parseStamp(src)
	if !ok {
		return dst, false
	}
	// A leap second has no place in time.Time: it goes the way of the second before it.
	leap := s.second == 60
	if leap {
		s.second = 59
	}
	t := time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute-s.offset, s.second, 0, time.UTC)
	if t.Year() < 0 || t.Year() > 9999 {
		return dst, false
	}
	dst = t.AppendFormat(dst, "2006-01-02T15:04:05")
	if leap {
		dst = append(dst[:len(dst)-2], "60"...)
	}
	dst = append(dst, s.fraction...)
	return append(dst, 'Z'), true
}

// parseStamp reads an RFC 3339 timestamp and checks every part of it.
func parseStamp(b []byte) (s stamp, ok bool) {
	const head = len("2006-01-02T15:04:05")
	if len(b) <= head || b[4] != '-' || b[7] != '-' || b[10]|0x20 != 't' || b[13] != ':' || b[16] != ':' {
		return s, false
	}
	s.year = number(b[0:2])*100 + number(b[2:4])
	s.month, s.day = number(b[5:7]), number(b[8:10])
	s.hour, s.minute, s.second = number(b[11:13]), number(b[14:16]), number(b[17:19])
	if number(b[0:2]) < 0 || number(b[2:4]) < 0 || s.month < 1 || s.month > 12 || s.day < 1 || s.day > daysIn(s.year, s.month) ||
		s.hour < 0 || s.hour > 23 || s.minute < 0 || s.minute > 59 || s.second < 0 || s.second > 60 {
		return s, false
	}
	zone := head
	if b[zone] == '.' {
		for zone++; zone < len(b) && b[zone]-'0' <= 9; zone++ {
		}
		if s.fraction = b[head:zone]; len(s.fraction) < 2 {
			return s, false
		}
	}
	if s.offset, ok = parseZone(b[zone:]); !ok {
		return s, false
	}
	return s, s.second < 60 || s.leap()
}

// parseZone reads Z or an offset, in minutes.
func parseZone(b []byte) (minutes int, ok bool) {
	if len(b) == 1 && b[0]|0x20 == 'z' {
		return 0, true
	}
	if len(b) != len("+07:00") || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return 0, false
	}
	h, m := number(b[1:3]), number(b[4:6])
	if h < 0 || h > 23 || m < 0 || m > 59 {
		return 0, false
	}
	minutes = h*60 + m
	if b[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}

// leap says whether the minute is the last of a day in UTC.
func (s stamp) leap() bool {
	const day = 24 * 60
	return (s.hour*60+s.minute-s.offset+2*day)%day == day-1
}

// number reads two digits; less than 0 when they are not.
func number(b []byte) int {
	hi, lo := b[0]-'0', b[1]-'0'
	if hi > 9 || lo > 9 {
		return -1 << 16
	}
	return int(hi)*10 + int(lo)
}

// daysIn returns the days of a month (Gregorian, from year 0).
func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
