//go:build chaos && unix

package disk

import (
	"io/fs"
	"strings"

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
	return crashingFile{f, strings.HasSuffix(name, ".tmp")}, nil
}

// Rename implements FS. What is renamed is the new progress, or a file of rows.
func (c crashingFS) Rename(from, to string) error {
	instant := crash.Rotate
	if strings.HasSuffix(to, ".progress.json") {
		instant = crash.Vouch
	}
	crash.Before(instant)
	err := c.FS.Rename(from, to)
	crash.After(instant)
	return err
}

// SyncDir implements FS.
func (c crashingFS) SyncDir(name string) error {
	crash.Before(crash.SyncDir)
	err := c.FS.SyncDir(name)
	crash.After(crash.SyncDir)
	return err
}

type crashingFile struct {
	File
	temporary bool // nothing of it is there before it is renamed
}

// Write implements io.Writer. Where the process is to end before it is done, it is
// in two parts, and the end comes between them.
func (c crashingFile) Write(p []byte) (int, error) {
	if c.temporary || !crash.Armed(crash.Write) {
		return c.File.Write(p)
	}
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
