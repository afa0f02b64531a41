package row

import (
	"net/netip"
	"time"
	"unsafe"

	"sluice/pipeline"
)

// Real returns the 64-bit floating point number next to a number; false when
// there is none: it is too large, or so small that nothing but zero is left of it.
func Real(v *pipeline.Value) (x float64, ok bool) {
	x, ok = v.Float64()
	if !ok || x != 0 {
		return x, ok
	}
	for _, c := range v.JSON() {
		switch {
		case c|0x20 == 'e':
			return x, true
		case c >= '1' && c <= '9':
			return 0, false
		}
	}
	return x, true
}

// Timestamp reads an RFC 3339 timestamp whose year in UTC is 0000 to 9999, as
// microseconds since 1970. Further digits are rounded to the nearest; a leap
// second is the second after it.
func Timestamp(text []byte) (micros int64, ok bool) {
	s, ok := parseStamp(text)
	if !ok {
		return 0, false
	}
	leap := int64(0)
	if s.second == 60 {
		s.second, leap = 59, 1
	}
	t := time.Date(s.year, time.Month(s.month), s.day, s.hour, s.minute-s.offset, s.second, 0, time.UTC)
	if t.Year() < 0 || t.Year() > 9999 {
		return 0, false
	}
	micros = (t.Unix()+leap)*1e6 + microseconds(s.fraction)
	return micros, micros < endOfTime
}

// endOfTime is the year 10000, in microseconds since 1970.
const endOfTime = 253_402_300_800_000_000

// microseconds rounds a fraction, its dot included.
func microseconds(fraction []byte) int64 {
	n, unit := int64(0), int64(1e6)
	for i := 1; i < len(fraction) && i <= 7; i++ {
		digit := int64(fraction[i] - '0')
		if i == 7 {
			if digit >= 5 {
				n++
			}
			break
		}
		unit /= 10
		n += digit * unit
	}
	return n
}

// Date reads a date such as 2026-11-22, as days since 1970.
func Date(text []byte) (days int64, ok bool) {
	if len(text) != len("2006-01-02") || text[4] != '-' || text[7] != '-' {
		return 0, false
	}
	century, year := number(text[0:2]), number(text[2:4])
	month, day := number(text[5:7]), number(text[8:10])
	if century < 0 || year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(century*100+year, month) {
		return 0, false
	}
	return time.Date(century*100+year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Unix() / 86400, true
}

// UUID reads 32 hexadecimal digits, in groups of 8, 4, 4, 4 and 12 with
// hyphens between or without any.
func UUID(text []byte) (id [16]byte, ok bool) {
	hyphens := len(text) == 36
	if !hyphens && len(text) != 32 {
		return id, false
	}
	for i := range id {
		if hyphens && (i == 4 || i == 6 || i == 8 || i == 10) {
			if text[0] != '-' {
				return id, false
			}
			text = text[1:]
		}
		hi, lo := hexDigit(text[0]), hexDigit(text[1])
		if hi > 15 || lo > 15 {
			return id, false
		}
		id[i] = hi<<4 | lo
		text = text[2:]
	}
	return id, true
}

// hexDigit returns the digit's value, more than 15 when it is none.
func hexDigit(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 16
}

// appendUUID appends the usual spelling.
func appendUUID(dst []byte, id [16]byte) []byte {
	const hex = "0123456789abcdef"
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, hex[b>>4], hex[b&15])
	}
	return dst
}

// Inet reads an IP address, with a prefix length behind a slash or without. An
// address with a zone is none.
func Inet(text []byte) (p netip.Prefix, ok bool) {
	if len(text) == 0 || len(text) > len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128") {
		return p, false
	}
	s := unsafe.String(&text[0], len(text))
	for _, c := range text {
		switch c {
		case '/':
			p, err := netip.ParsePrefix(s)
			return p, err == nil
		case '%':
			return p, false
		}
	}
	a, err := netip.ParseAddr(s)
	return netip.PrefixFrom(a, a.BitLen()), err == nil
}

// appendInet appends the spelling of PostgreSQL: a prefix length that covers
// the whole address is left out.
func appendInet(dst []byte, p netip.Prefix) []byte {
	if p.Bits() == p.Addr().BitLen() {
		return p.Addr().AppendTo(dst)
	}
	return p.AppendTo(dst)
}
