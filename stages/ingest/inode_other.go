//go:build !unix

package ingest

import "io/fs"

// inodeOf returns 0: there is no inode to break ties with.
func inodeOf(fs.FileInfo) uint64 { return 0 }
