//go:build unix

package persist

import (
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// checkStdout finds a stdout that was closed when the process began. The Go
// runtime then puts the null device in its place, opened for reading and
// writing, and writes to it succeed; a shell's > /dev/null opens it for writing
// only.
func checkStdout(w io.Writer) error {
	f, ok := w.(*os.File)
	if !ok {
		return nil
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	null, err := os.Stat(os.DevNull)
	if err != nil || !os.SameFile(info, null) {
		return nil // without a null device it can be none
	}
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err == nil && flags&unix.O_ACCMODE == unix.O_RDWR {
		return errStdoutClosed
	}
	return nil
}
