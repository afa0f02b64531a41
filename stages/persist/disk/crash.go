//go:build chaos && unix

package disk

import (
	"io/fs"

	"sluice/stages/crash"
)

func init() { OS = crashingFS{OS} }

// crashingFS ends the process at the instants of package crash.
type crashingFS struct{ FS }

// OpenFile implements FS.
func (c crashingFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := c.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return crashingFile{f}, nil
}

// Rename implements FS.
func (c crashingFS) Rename(from, to string) error {
	crash.Before(crash.Rename)
	err := c.FS.Rename(from, to)
	crash.After(crash.Rename)
	return err
}

type crashingFile struct{ File }

// Write implements io.Writer, in two parts: a crash before the write comes
// between them.
func (c crashingFile) Write(p []byte) (int, error) {
	half := len(p) / 2
	n, err := c.File.Write(p[:half])
	if err != nil {
		return n, err
	}
	crash.Before(crash.Write)
	m, err := c.File.Write(p[half:])
	crash.After(crash.Write)
	return n + m, err
}

// Sync implements File.
func (c crashingFile) Sync() error {
	crash.Before(crash.Sync)
	err := c.File.Sync()
	crash.After(crash.Sync)
	return err
}

// Truncate implements File.
func (c crashingFile) Truncate(size int64) error {
	crash.Before(crash.Truncate)
	err := c.File.Truncate(size)
	crash.After(crash.Truncate)
	return err
}
