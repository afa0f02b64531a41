package format

// isJSONPointer checks RFC 6901, section 3: the string form.
func isJSONPointer(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if b[0] != '/' {
		return false
	}
	for i, c := range b {
		if c == '~' && (i+1 == len(b) || b[i+1] != '0' && b[i+1] != '1') {
			return false
		}
	}
	return true
}

// isRelativeJSONPointer checks draft-bhutton-relative-json-pointer-00, without
// the index manipulation, which JSON Schema leaves out.
func isRelativeJSONPointer(b []byte) bool {
	n := digits(b)
	if n == 0 || n > 1 && b[0] == '0' {
		return false
	}
	b = b[n:]
	return len(b) == 1 && b[0] == '#' || isJSONPointer(b)
}
