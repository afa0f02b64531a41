package format

// isDate checks full-date of RFC 3339: 2026-11-22.
func isDate(b []byte) bool {
	if len(b) != len("2026-11-22") || b[4] != '-' || b[7] != '-' {
		return false
	}
	century, year, month, day := pair(b), pair(b[2:]), pair(b[5:]), pair(b[8:])
	if century > 99 || year > 99 {
		return false
	}
	return month-1 < 12 && day-1 < daysIn(century*100+year, month)
}

// isTime checks full-time of RFC 3339: 06:05:04.123+01:00. A second 60 is one
// only where a leap second can be, at 23:59 UTC.
func isTime(b []byte) bool {
	if len(b) < len("06:05:04Z") || b[2] != ':' || b[5] != ':' {
		return false
	}
	hour, minute, second := pair(b), pair(b[3:]), pair(b[6:])
	if hour > 23 || minute > 59 || second > 60 {
		return false
	}
	minutes, ok := offset(fraction(b[8:]))
	if !ok {
		return false
	}
	if second < 60 {
		return true
	}
	const day = 24 * 60
	return (int(hour*60+minute)-minutes+day)%day == day-1
}

// isDateTime checks date-time of RFC 3339.
func isDateTime(b []byte) bool {
	const date = len("2026-11-22")
	return len(b) > date && b[date]|0x20 == 't' && isDate(b[:date]) && isTime(b[date+1:])
}

// pair returns the value of two digits at the start of b, which has them; 1000
// or more when they are none.
func pair(b []byte) uint {
	if !isDigit(b[0]) || !isDigit(b[1]) {
		return 1000
	}
	return uint(b[0]-'0')*10 + uint(b[1]-'0')
}

func daysIn(year, month uint) uint {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// fraction returns what follows the fraction of a second, b itself where there
// is none.
func fraction(b []byte) []byte {
	if b[0] != '.' || len(b) < 2 || !isDigit(b[1]) {
		return b
	}
	return b[1+digits(b[1:]):]
}

// offset returns the minutes that a time offset is east of UTC.
func offset(b []byte) (minutes int, ok bool) {
	if len(b) == 1 {
		return 0, b[0]|0x20 == 'z'
	}
	if len(b) != len("+01:00") || b[0] != '+' && b[0] != '-' || b[3] != ':' {
		return 0, false
	}
	hour, minute := pair(b[1:]), pair(b[4:])
	if hour > 23 || minute > 59 {
		return 0, false
	}
	minutes = int(hour*60 + minute)
	if b[0] == '-' {
		minutes = -minutes
	}
	return minutes, true
}

// digits counts the digits at the start of b.
func digits(b []byte) int {
	for i, c := range b {
		if !isDigit(c) {
			return i
		}
	}
	return len(b)
}
