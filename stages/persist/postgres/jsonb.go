package postgres

import "bytes"

// jsonbTakes says whether jsonb can hold what the escapes of a JSON text mean:
// it has no NUL, and no half of a surrogate pair.
func jsonbTakes(json []byte) bool {
	for {
		i := bytes.IndexByte(json, '\\')
		if i < 0 {
			return true
		}
		json = json[i:]
		if json[1] != 'u' {
			json = json[2:]
			continue
		}
		unit := hex4(json[2:6])
		json = json[6:]
		switch {
		case unit == 0, unit >= 0xdc00 && unit < 0xe000:
			return false
		case unit >= 0xd800 && unit < 0xdc00:
			if len(json) < 6 || json[0] != '\\' || json[1] != 'u' {
				return false
			}
			if low := hex4(json[2:6]); low < 0xdc00 || low >= 0xe000 {
				return false
			}
			json = json[6:]
		}
	}
}

// hex4 reads four hexadecimal digits.
func hex4(digits []byte) (n uint32) {
	for _, c := range digits {
		switch {
		case c <= '9':
			n = n<<4 | uint32(c-'0')
		default:
			n = n<<4 | uint32(c|0x20-'a'+10)
		}
	}
	return n
}
