package disk

// vectorFile is a File that writes several parts, one behind the other, with one
// call to the system.
type vectorFile interface {
	// writeVector returns how much was written of all parts together.
	writeVector(parts [][]byte) (int64, error)
}

// writeParts writes parts one behind the other. Where the file can, that is one
// call to the system.
func writeParts(f File, parts [][]byte) (written int64, err error) {
	if v, ok := f.(vectorFile); ok && len(parts) > 1 {
		return v.writeVector(parts)
	}
	for _, part := range parts {
		n, err := f.Write(part)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}
