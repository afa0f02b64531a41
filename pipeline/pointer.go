package pipeline

// appendPointerToken appends one reference token of a JSON Pointer (RFC 6901),
// with the slash before it.
func appendPointerToken(dst []byte, key string) []byte {
	dst = append(dst, '/')
	for i := range len(key) {
		switch key[i] {
		case '~':
			dst = append(dst, "~0"...)
		case '/':
			dst = append(dst, "~1"...)
		default:
			dst = append(dst, key[i])
		}
	}
	return dst
}
