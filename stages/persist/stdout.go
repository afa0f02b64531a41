package persist

import "errors"

// errStdoutClosed is told before anything is read: the rows would be lost.
var errStdoutClosed = errors.New("stdout is closed, or is the null device opened for reading as well, which looks the same: " +
	"nothing that goes there would be seen; open it (> FILE, or | COMMAND), or measure with --sink null://")
