package pipeline

import (
	"unicode/utf16"
	"unicode/utf8"
)

// hexValue is the value of a hexadecimal digit, -1 for any other byte.
var hexValue = func() (t [256]int8) {
	for i := range t {
		t[i] = -1
	}
	for i := range int8(10) {
		t['0'+i] = i
	}
	for i := range int8(6) {
		t['a'+i], t['A'+i] = 10+i, 10+i
	}
	return t
}()

// escapedByte is what a backslash and the letter stand for, 0 for no escape of
// that form.
var escapedByte = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// escapeLen returns the length of the escape at the start of s, which begins
// with a backslash; 0 if it is none.
func escapeLen(s []byte) int {
	switch {
	case len(s) >= 2 && escapedByte[s[1]] != 0:
		return 2
	case len(s) >= 6 && s[1] == 'u' && hexValue[s[2]]|hexValue[s[3]]|hexValue[s[4]]|hexValue[s[5]] >= 0:
		return 6
	}
	return 0
}

// unescapeOne returns the character that the valid escape at the start of s
// stands for, and the length of the escape. A pair of surrogates is one
// character, a lone one U+FFFD.
func unescapeOne(s []byte) (r rune, size int) {
	if s[1] != 'u' {
		return rune(escapedByte[s[1]]), 2
	}
	r = codeUnit(s)
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(s) >= 12 && s[6] == '\\' && s[7] == 'u' {
		if pair := utf16.DecodeRune(r, codeUnit(s[6:])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func codeUnit(s []byte) rune {
	return rune(hexValue[s[2]])<<12 | rune(hexValue[s[3]])<<8 | rune(hexValue[s[4]])<<4 | rune(hexValue[s[5]])
}

// appendUnescaped appends what the valid content of a JSON string stands for.
func appendUnescaped(dst, s []byte) []byte {
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			start := i
			for i < len(s) && s[i] != '\\' {
				i++
			}
			dst = append(dst, s[start:i]...)
			continue
		}
		if s[i+1] != 'u' {
			dst = append(dst, escapedByte[s[i+1]])
			i += 2
			continue
		}
		r, size := unescapeOne(s[i:])
		dst = utf8.AppendRune(dst, r)
		i += size
	}
	return dst
}

// equalUnescaped says whether the valid content s of a JSON string stands for
// want.
func equalUnescaped(s []byte, want string) bool {
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			if want == "" || want[0] != s[i] {
				return false
			}
			want = want[1:]
			i++
			continue
		}
		r, size := unescapeOne(s[i:])
		var buf [utf8.UTFMax]byte
		n := utf8.EncodeRune(buf[:], r)
		if len(want) < n || want[:n] != string(buf[:n]) {
			return false
		}
		want = want[n:]
		i += size
	}
	return want == ""
}

const hexDigits = "0123456789abcdef"

// appendQuoted appends text as a JSON string. What is not UTF-8 becomes
// U+FFFD.
func appendQuoted[T []byte | string](dst []byte, text T) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(text); {
		c := text[i]
		if c >= ' ' && c < 0x80 && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= 0x80 {
			r, size := decodeRune(text[i:])
			if r != utf8.RuneError || size > 1 {
				i += size
				continue
			}
		}
		dst = append(dst, text[start:i]...)
		dst = appendEscape(dst, c)
		i++
		start = i
	}
	dst = append(dst, text[start:]...)
	return append(dst, '"')
}

func decodeRune[T []byte | string](text T) (rune, int) {
	var buf [utf8.UTFMax]byte
	n := copy(buf[:], text)
	return utf8.DecodeRune(buf[:n])
}

// appendEscape appends the escape of a byte that may not stand in a string as
// it is.
func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	if c >= 0x80 {
		return utf8.AppendRune(dst, utf8.RuneError)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
}
