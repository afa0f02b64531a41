package row

import (
	"math"
	"strconv"
	"unicode/utf8"
)

// AppendJSON appends row i as a JSON object whose members are the columns.
func (l *Layout) AppendJSON(dst []byte, rows *Rows, i int) []byte {
	dst = append(dst, '{')
	for c, cell := range rows.Row(i) {
		if c > 0 {
			dst = append(dst, ',')
		}
		dst = AppendString(dst, l.fields[c].Name)
		dst = append(dst, ':')
		dst = rows.appendCell(dst, cell)
	}
	return append(dst, '}')
}

func (r *Rows) appendCell(dst []byte, c Cell) []byte {
	switch c.Kind {
	case Text:
		return AppendString(dst, r.Text(c))
	case JSON:
		return append(dst, r.Text(c)...)
	case Int:
		return strconv.AppendInt(dst, c.Int(), 10)
	case Float:
		return appendFloat(dst, c.Float())
	case Bool:
		return strconv.AppendBool(dst, c.Int() != 0)
	default:
		return append(dst, "null"...)
	}
}

// appendFloat appends the shortest spelling that reads back as x, with an
// exponent where encoding/json has one.
func appendFloat(dst []byte, x float64) []byte {
	format := byte('f')
	if abs := math.Abs(x); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	return strconv.AppendFloat(dst, x, format, -1, 64)
}

// AppendString appends s as a JSON string. Bytes that are not UTF-8 become
// U+FFFD.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[start:i]...), "\ufffd"...)
				start = i + size
			}
			i += size
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}
