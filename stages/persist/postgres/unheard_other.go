//go:build !linux

package postgres

import "syscall"

// boundUnheard leaves it to the system when a connection ends on which nothing
// that is sent is acknowledged.
func boundUnheard(string, string, syscall.RawConn) error { return nil }
