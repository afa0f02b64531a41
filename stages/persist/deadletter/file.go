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

	adding []*pipeline.Record            // whose letters are in buf
	ends   []int                         // where each of them ends there
	taken  map[*pipeline.Record]struct{} // of the group: their letters are in the file
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

// Write appends the letters of the dead records of a group's batches, in order. They are
// durable after Sync. Until Done the batches are taken for the same group that
// is tried again: a record's letter goes in once.
func (f *File) Write(batches []*pipeline.Batch) error {
	f.collect(batches)
	if len(f.buf) == 0 {
		return nil
	}
	if err := f.open(); err != nil {
		return fmt.Errorf("open dead letters: %w", err)
	}
	n, err := f.log.Write(f.buf)
	for i, end := range f.ends {
		if int64(end) <= n {
			f.taken[f.adding[i]] = struct{}{}
		}
	}
	if err != nil {
		return fmt.Errorf("write dead letters: %w", err)
	}
	return nil
}

// Done says that the group is in, and that the next Write is for another one.
func (f *File) Done() { clear(f.taken) }

// collect puts the letters together that are not in the file yet.
func (f *File) collect(batches []*pipeline.Batch) {
	f.buf, f.ends, f.adding = f.buf[:0], f.ends[:0], f.adding[:0]
	for _, b := range batches {
		for r := range b.DeadRecords() {
			if _, ok := f.taken[r]; ok {
				continue
			}
			letter := Of(r, f.now())
			f.buf = append(letter.AppendJSON(f.buf), '\n')
			f.ends = append(f.ends, len(f.buf))
			f.adding = append(f.adding, r)
		}
	}
}

// open opens the file, anew where somebody has moved it away.
func (f *File) open() error {
	if f.log != nil {
		err := f.log.Stays(f.fs)
		if !errors.Is(err, disk.ErrGone) && !errors.Is(err, disk.ErrReplaced) {
			return err
		}
		if err := errors.Join(f.log.Sync(), f.log.Close()); err != nil {
			return err
		}
		f.log = nil
	}
	log, err := disk.OpenLog(f.fs, f.path, disk.Shared, ours)
	if err != nil {
		return err
	}
	f.log = log
	if f.taken == nil {
		f.taken = map[*pipeline.Record]struct{}{}
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
