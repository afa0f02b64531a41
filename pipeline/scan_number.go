package pipeline

// numberEnd returns the offset after the number that starts at i with a digit
// or a minus, or the complement of the offset at which a digit is missing.
// integer says whether it is spelled without fraction and exponent.
func numberEnd(src []byte, i int) (end int, integer bool) {
	if src[i] == '-' {
		i++
	}
	switch {
	case i >= len(src) || src[i]-'0' > 9:
		return ^i, false
	case src[i] == '0':
		i++
	default:
		i = digitsEnd(src, i+1)
	}
	integer = true
	if i < len(src) && src[i] == '.' {
		integer = false
		end := digitsEnd(src, i+1)
		if end == i+1 {
			return ^end, false
		}
		i = end
	}
	if i < len(src) && src[i]|0x20 == 'e' {
		integer = false
		i++
		if i < len(src) && (src[i] == '+' || src[i] == '-') {
			i++
		}
		end := digitsEnd(src, i)
		if end == i {
			return ^end, false
		}
		i = end
	}
	return i, integer
}

// digitsEnd returns the offset of the first byte from i on that is no digit.
func digitsEnd(src []byte, i int) int {
	for i < len(src) && src[i]-'0' <= 9 {
		i++
	}
	return i
}
