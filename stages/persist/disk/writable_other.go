//go:build !unix

package disk

import "os"

// Writable implements FS. Here only the directory's being there is known.
func (osFS) Writable(dir string) error {
	_, err := os.Stat(dir)
	return err
}

// MayWrite says whether this process may write a file. Here that is not known before it
// is tried.
func MayWrite(string) bool { return true }
