//go:build unix

package disk

import (
	"io/fs"

	"golang.org/x/sys/unix"
)

// Writable implements FS with access(2).
func (osFS) Writable(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return &fs.PathError{Op: "write into", Path: dir, Err: err}
	}
	return nil
}

// MayWrite says whether this process may write a file, without opening it.
func MayWrite(file string) bool { return unix.Access(file, unix.W_OK) == nil }
