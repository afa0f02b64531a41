package pipeline

// What a byte can begin where a value is expected.
const (
	classOther uint8 = iota
	classSpace
	classString
	classNumber
	classLiteral
	classOpen
)

var class = [256]uint8{
	' ': classSpace, '\t': classSpace, '\n': classSpace, '\r': classSpace,
	'"': classString,
	'-': classNumber, '0': classNumber, '1': classNumber, '2': classNumber, '3': classNumber, '4': classNumber,
	'5': classNumber, '6': classNumber, '7': classNumber, '8': classNumber, '9': classNumber,
	't': classLiteral, 'f': classLiteral, 'n': classLiteral,
	'[': classOpen, '{': classOpen,
}

// scalarEnd returns the offset after the string, number, boolean or null that
// starts at i, and its kind. Where there is none it returns the complement of
// the offset of the byte at fault, and what kind seemed to have begun.
func scalarEnd(src []byte, i int) (end int, kind Kind, flags uint8) {
	switch class[src[i]] {
	case classString:
		end, escaped := stringEnd(src, i+1)
		if escaped {
			flags = flagEscaped
		}
		if end >= 0 {
			end++
		}
		return end, KindString, flags
	case classNumber:
		end, integer := numberEnd(src, i)
		if integer {
			flags = flagInteger
		}
		return end, KindNumber, flags
	case classLiteral:
		return literalEnd(src, i)
	}
	return ^i, KindMissing, 0
}

// literalEnd is scalarEnd for true, false and null, one of whose first letters
// stands at i.
func literalEnd(src []byte, i int) (end int, kind Kind, flags uint8) {
	word, kind := literal(src[i])
	for k := 1; k < len(word); k++ {
		if i+k >= len(src) || src[i+k] != word[k] {
			return ^(i + k), kind, 0
		}
	}
	if src[i] == 't' {
		flags = flagTrue
	}
	return i + len(word), kind, flags
}

// literal returns the word that begins with c.
func literal(c byte) (word string, kind Kind) {
	switch c {
	case 't':
		return "true", KindBool
	case 'f':
		return "false", KindBool
	}
	return "null", KindNull
}
