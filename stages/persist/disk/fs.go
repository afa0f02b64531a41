package disk

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// FS is what the persist stage needs of a file system. Names are paths.
type FS interface {
	OpenFile(name string, flag int, perm fs.FileMode) (File, error)
	ReadFile(name string) ([]byte, error)
	Stat(name string) (fs.FileInfo, error)
	Rename(from, to string) error
	Remove(name string) error
	// SyncDir makes what was renamed, created or removed in a directory durable.
	SyncDir(name string) error
	// Writable says whether files can be made in a directory, as far as that
	// can be known without making one.
	Writable(dir string) error
}

// File is an open file.
type File interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
	// Sync makes what was written durable. After an error nothing is known of
	// it, and a later success says nothing about it.
	Sync() error
	// WriteBack has the system start to write a part to the disk and returns,
	// so that a later Sync has less to wait for. It promises nothing.
	WriteBack(offset, n int64)
	// Lock takes a lock that other processes see, exclusive or shared, or
	// changes the one held. It does not wait: ErrLocked.
	Lock(exclusive bool) error
}

// ErrLocked says that another process holds a file.
var ErrLocked = errors.New("locked by another process")

// OS is the file system of the machine.
var OS FS = osFS{}

type osFS struct{}

func (osFS) OpenFile(name string, flag int, perm fs.FileMode) (File, error) {
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) ReadFile(name string) ([]byte, error)  { return os.ReadFile(name) }
func (osFS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }
func (osFS) Rename(from, to string) error          { return os.Rename(from, to) }
func (osFS) Remove(name string) error              { return os.Remove(name) }

func (osFS) SyncDir(name string) error {
	d, err := os.Open(filepath.Clean(name))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

type osFile struct{ *os.File }
