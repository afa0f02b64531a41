//go:build unix

package disk

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Lock implements File with flock(2), which ends with the open file.
func (f osFile) Lock(exclusive bool) error {
	how := unix.LOCK_SH
	if exclusive {
		how = unix.LOCK_EX
	}
	err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return ErrLocked
	}
	return err
}
