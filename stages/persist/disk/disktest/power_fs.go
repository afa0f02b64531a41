package disktest

import (
	"io/fs"
	"os"

	"sluice/stages/persist/disk"
)

// FS returns base with everything recorded that is done through it, for files
// of one folder that are only appended to or written from their start. Only the record
// tells what was synced: base syncs nothing, and the test is done sooner.
func (p *Power) FS(base disk.FS) disk.FS { return powerFS{base, p} }

type powerFS struct {
	disk.FS
	power *Power
}

// OpenFile implements disk.FS.
func (f powerFS) OpenFile(name string, flag int, perm fs.FileMode) (disk.File, error) {
	file, err := f.FS.OpenFile(name, flag, perm)
	if err != nil || flag&os.O_CREATE == 0 {
		return file, err
	}
	number := f.power.Open(name)
	if flag&os.O_TRUNC != 0 {
		f.power.Truncate(number, 0)
	}
	return &powerFile{file, f.power, number}, nil
}

// Rename implements disk.FS.
func (f powerFS) Rename(from, to string) error {
	err := f.FS.Rename(from, to)
	if err == nil {
		f.power.Rename(from, to)
	}
	return err
}

// Remove implements disk.FS.
func (f powerFS) Remove(name string) error {
	err := f.FS.Remove(name)
	if err == nil {
		f.power.Remove(name)
	}
	return err
}

// SyncDir implements disk.FS.
func (f powerFS) SyncDir(name string) error {
	f.power.SyncDir(name)
	return nil
}

type powerFile struct {
	disk.File
	power  *Power
	number int
}

func (f *powerFile) Write(b []byte) (int, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	n, err := f.File.Write(b)
	f.power.Write(f.number, info.Size(), b[:n])
	return n, err
}

func (f *powerFile) Truncate(size int64) error {
	err := f.File.Truncate(size)
	if err == nil {
		f.power.Truncate(f.number, size)
	}
	return err
}

func (f *powerFile) Sync() error {
	f.power.Sync(f.number)
	return nil
}
