package disk

import (
	"errors"
	"io/fs"
	"slices"
	"syscall"
)

var (
	// errUnknown says that nobody knows what a file holds.
	errUnknown = errors.New("what the file holds is not known; the next start looks")
	// ErrGone says that a log has no name any more: what is written to it, nobody finds.
	ErrGone = errors.New("the file was moved or removed while sluice wrote to it")
	// ErrReplaced says that another file has a log's name.
	ErrReplaced = errors.New("another file was put in its place while sluice wrote to it")
)

// passing are the errors of the system after which the same may succeed once
// somebody has made room, or given the right, or put back what is missing.
var passing = []error{
	syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG, syscall.EROFS, syscall.EMFILE, syscall.ENFILE,
	fs.ErrPermission, fs.ErrNotExist, ErrGone,
}

// Passes says whether an error of this package may pass, so that the same can be
// done again. One of a Sync does not: nothing is known of what was written before.
func Passes(err error) bool {
	return err != nil && !errors.Is(err, errUnknown) && slices.ContainsFunc(passing, func(e error) bool { return errors.Is(err, e) })
}
