package deadletter

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/disk"
)

// File keeps dead letters as NDJSON. The file is opened, and made, when the
// first one comes. Several processes may append to one file. For one goroutine.
type File struct {
	fs   disk.FS
	path string
	now  func() time.Time
	log  *disk.Log
	buf  []byte
}

// NewFile returns the file at path; nothing is opened yet.
func NewFile(fs disk.FS, path string, now func() time.Time) *File {
	return &File{fs: fs, path: path, now: now}
}

// Path returns where the file is or would be.
func (f *File) Path() string { return f.path }

// Check says whether the file can be opened or made. It changes nothing.
func (f *File) Check() error { return disk.CheckLog(f.fs, f.path, ours) }

// Mend repairs what a crash or a loss of power has left of the file's end, where there
// is a file and no other process has it open, so that readers find whole letters
// from the start of a run on. It makes none.
func (f *File) Mend() error {
	there, err := f.fs.OpenFile(f.path, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open dead letters: %w", disk.Explain(err))
	}
	if err := there.Close(); err != nil {
		return err
	}
	log, err := disk.OpenLog(f.fs, f.path, disk.Shared, ours)
	if err != nil {
		return fmt.Errorf("mend dead letters: %w", err)
	}
	return log.Close()
}

// ours says whether an unfinished line of the file was to be a letter.
func ours(_ int64, head []byte) bool {
	n := min(len(head), len(letterStart))
	return string(head[:n]) == letterStart[:n]
}

// Write appends the dead records of the batches, in order. They are durable
// after Sync.
func (f *File) Write(batches []*pipeline.Batch) error {
	f.buf = f.buf[:0]
	for _, b := range batches {
		for r := range b.DeadRecords() {
			letter := Of(r, f.now())
			f.buf = append(letter.AppendJSON(f.buf), '\n')
		}
	}
	if len(f.buf) == 0 {
		return nil
	}
	if f.log == nil {
		log, err := disk.OpenLog(f.fs, f.path, disk.Shared, ours)
		if err != nil {
			return fmt.Errorf("open dead letters: %w", err)
		}
		f.log = log
	}
	if err := f.log.Write(f.buf); err != nil {
		return fmt.Errorf("write dead letters: %w", err)
	}
	return nil
}

// Sync makes all that was written durable.
func (f *File) Sync() error {
	if f.log == nil {
		return nil
	}
	if err := f.log.Sync(); err != nil {
		return fmt.Errorf("sync dead letters: %w", err)
	}
	return nil
}

// Close closes the file without a Sync.
func (f *File) Close() error {
	if f.log == nil {
		return nil
	}
	return f.log.Close()
}
