package postgres

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// boundUnheard is a net.Dialer's Control: a connection ends when what was sent on
// it is not acknowledged for unheardTimeout. Keep-alive alone misses that: it is
// silent while something is on its way.
func boundUnheard(network, _ string, c syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") {
		return nil
	}
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unheardTimeout.Milliseconds()))
	})
	return firstError(err, failed)
}
