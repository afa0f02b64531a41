// Package disktest fails the operations of a file system by their names, for
// tests of what comes after.
package disktest

import (
	"errors"
	"io/fs"
	"sync"

	"sluice/stages/persist/disk"
)

// Faults is a file system on which chosen operations fail. It is safe for
// concurrent use.
type Faults struct {
	disk.FS

	mu   sync.Mutex // guards what follows
	plan map[string]fault
	log  []string
	left int // operations until the end; 0 for no end
	dead bool
}

type fault struct {
	in  int // calls until it fails
	err error
}

// New returns base with nothing failing yet.
func New(base disk.FS) *Faults { return &Faults{FS: base, plan: map[string]fault{}} }

// Fail has the n-th call of an operation from now on, and no other, return err
// with the name of the file, as the system does.
// Operations are open, read, write, sync, truncate, rename, remove, syncdir and
// lock. A write that fails has written half of its bytes.
func (f *Faults) Fail(operation string, n int, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan[operation] = fault{n, err}
}

// ErrKilled is the error of all operations after a Kill.
var ErrKilled = errors.New("the process was killed")

// Kill has the n-th operation from now on and all after it fail, as if the
// process had ended there.
func (f *Faults) Kill(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = n
}

// Log returns the operations so far: the name and the file's.
func (f *Faults) Log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.log...)
}

func (f *Faults) check(operation, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, operation+" "+name)
	if f.left > 0 {
		f.left--
		f.dead = f.left == 0
	}
	if f.dead {
		return &fs.PathError{Op: operation, Path: name, Err: ErrKilled}
	}
	p, ok := f.plan[operation]
	if !ok {
		return nil
	}
	if p.in--; p.in > 0 {
		f.plan[operation] = p
		return nil
	}
	delete(f.plan, operation)
	return &fs.PathError{Op: operation, Path: name, Err: p.err}
}

// OpenFile implements disk.FS.
func (f *Faults) OpenFile(name string, flag int, perm fs.FileMode) (disk.File, error) {
	if err := f.check("open", name); err != nil {
		return nil, err
	}
	file, err := f.FS.OpenFile(name, flag, perm)
	if err != nil {
		return nil, err
	}
	return &faultyFile{file, f, name}, nil
}

// ReadFile implements disk.FS.
func (f *Faults) ReadFile(name string) ([]byte, error) {
	if err := f.check("read", name); err != nil {
		return nil, err
	}
	return f.FS.ReadFile(name)
}

// Rename implements disk.FS.
func (f *Faults) Rename(from, to string) error {
	if err := f.check("rename", to); err != nil {
		return err
	}
	return f.FS.Rename(from, to)
}

// Remove implements disk.FS.
func (f *Faults) Remove(name string) error {
	if err := f.check("remove", name); err != nil {
		return err
	}
	return f.FS.Remove(name)
}

// SyncDir implements disk.FS.
func (f *Faults) SyncDir(name string) error {
	if err := f.check("syncdir", name); err != nil {
		return err
	}
	return f.FS.SyncDir(name)
}

type faultyFile struct {
	disk.File
	faults *Faults
	name   string
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.faults.check("write", f.name); err != nil {
		n, _ := f.File.Write(p[:len(p)/2])
		return n, err
	}
	return f.File.Write(p)
}

func (f *faultyFile) Sync() error {
	if err := f.faults.check("sync", f.name); err != nil {
		return err
	}
	return f.File.Sync()
}

func (f *faultyFile) Truncate(size int64) error {
	if err := f.faults.check("truncate", f.name); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *faultyFile) Lock(exclusive bool) error {
	if err := f.faults.check("lock", f.name); err != nil {
		return err
	}
	return f.File.Lock(exclusive)
}
