//go:build !unix

package ingest

import (
	"io/fs"
	"os"
)

// openFlags are what a file is opened with that is to be followed.
const openFlags = os.O_RDONLY

// inodeOf returns 0: there is no inode to break ties with.
func inodeOf(fs.FileInfo) uint64 { return 0 }

// links returns 1: the system does not say how many names a file has.
func links(fs.FileInfo) uint64 { return 1 }
