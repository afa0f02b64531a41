//go:build unix

package ingest

import (
	"io/fs"
	"os"
	"syscall"
)

// openFlags are what a file is opened with that is to be followed: a pipe that
// takes its place must not hold anybody up.
const openFlags = os.O_RDONLY | syscall.O_NONBLOCK

// inodeOf returns the number of a file in its file system.
func inodeOf(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Ino)
	}
	return 0
}

// links returns how many names a file has.
func links(info fs.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Nlink)
	}
	return 1
}
