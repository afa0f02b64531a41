package disk

import (
	"io/fs"
	"slices"

	"golang.org/x/sys/unix"
)

// maxParts is how many parts the system takes at once (UIO_MAXIOV).
const maxParts = 1024

// writeVector implements vectorFile with writev(2).
func (f osFile) writeVector(parts [][]byte) (written int64, err error) {
	rest := slices.Clone(parts)
	for len(rest) > 0 {
		n, err := unix.Writev(int(f.Fd()), rest[:min(len(rest), maxParts)])
		if n > 0 {
			written += int64(n)
			rest = unwritten(rest, n)
		}
		if err != nil && err != unix.EINTR {
			return written, &fs.PathError{Op: "write", Path: f.Name(), Err: err}
		}
	}
	return written, nil
}

// unwritten returns what is left of parts behind their first n bytes. It changes
// parts.
func unwritten(parts [][]byte, n int) [][]byte {
	for len(parts) > 0 && n >= len(parts[0]) {
		n -= len(parts[0])
		parts = parts[1:]
	}
	if n > 0 {
		parts[0] = parts[0][n:]
	}
	return parts
}
