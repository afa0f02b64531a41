package ndjson

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"sluice/stages/persist/disk"
)

// A file is finished in four steps, each durable before the next:
//
//  1. its rows and the dead letters are synced,
//  2. the progress vouches for all of them and names the file that is to be,
//  3. the partial file is renamed,
//  4. the progress says that this is done.
//
// A crash in between leaves the name of step 2 behind; the next start goes on
// from there: either the partial file or the finished one is there.

// rotateLocked finishes the part when the group's rows would make it too large,
// or when it is too old.
func (f *File) rotateLocked() error {
	if !f.cfg.Rotates() || f.rows.size == 0 || f.sizeLocked() == 0 {
		return nil
	}
	more := f.rows.size
	if f.cfg.Compress != Plain {
		more = 0 // what it comes to is not known yet
	}
	full := f.cfg.RotateSize > 0 && f.sizeLocked()+more > f.cfg.RotateSize
	if !full && f.remainingLocked() > 0 {
		return nil
	}
	return f.finishLocked()
}

// remainingLocked returns how long the part may still be written to.
func (f *File) remainingLocked() time.Duration {
	begun := f.sidecar.content.Rotation.Begun
	if f.cfg.RotateEvery == 0 || begun.IsZero() {
		return 1
	}
	return begun.Add(f.cfg.RotateEvery).Sub(f.cfg.Now())
}

// watchLocked has the part finished when it is old enough, also when nothing
// more comes.
func (f *File) watchLocked() {
	if f.cfg.RotateEvery == 0 || f.timer != nil || f.sidecar.content.Rotation.Begun.IsZero() {
		return
	}
	f.timer = time.AfterFunc(max(0, f.remainingLocked()), f.expire)
}

// expire finishes the part. An error that passes is met again later, any other is
// for the next one who writes.
func (f *File) expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.timer = nil
	if f.closed || f.failed != nil {
		return
	}
	if f.reached != stageNone || disk.Passes(f.finishOldLocked()) {
		f.timer = time.AfterFunc(finishAgain, f.expire)
	}
}

// finishOldLocked finishes the part if it is old enough.
func (f *File) finishOldLocked() error {
	if err := f.usableLocked(); err != nil {
		return err
	}
	if f.sizeLocked() == 0 && f.unwrittenLocked() == 0 {
		return nil
	}
	if f.remainingLocked() > 0 { // another part was begun meanwhile
		f.watchLocked()
		return nil
	}
	return f.finishLocked()
}

// finishAgain is when a part is tried to be finished again that is too old.
const finishAgain = time.Second

// unwrittenLocked returns how many bytes of rows are not in the part's file yet.
func (f *File) unwrittenLocked() int64 {
	if f.part == nil {
		return 0
	}
	return f.part.raw
}

// finishLocked makes a finished file of the part; all that was taken over is
// settled then. After an error that does not pass nothing more can be written; after one
// that does it is called again, or renameLocked when there is no part any more.
func (f *File) finishLocked() (err error) {
	defer func() {
		if err == nil {
			return
		}
		err = fmt.Errorf("finish %s: %w", f.activePath(), err)
		if !disk.Passes(err) {
			f.failed = err
		}
	}()
	if err := f.syncLocked(); err != nil {
		return err
	}
	now := f.cfg.Now()
	name, sequence, err := f.freeName()
	if err != nil {
		return err
	}
	err = f.sidecar.change(now, func(c *content) {
		c.Size = f.part.size()
		c.Rotation.Finish, c.Rotation.Sequence = filepath.Base(name), sequence
	})
	if err != nil {
		return err
	}
	f.settledLocked(now)
	log := f.part.log
	f.part = nil
	if err := log.Close(); err != nil {
		return err
	}
	return f.renameLocked()
}

// freeName returns the name of the next finished file: one that nothing has.
func (f *File) freeName() (name string, sequence int64, err error) {
	r := f.sidecar.content.Rotation
	begun := r.Begun
	if begun.IsZero() {
		begun = f.cfg.Now()
	}
	c, _, err := f.part.compression()
	for sequence = r.Sequence + 1; err == nil; sequence++ {
		name = FinishedName(f.cfg.Path, c, begun, sequence)
		var taken bool
		if taken, err = exists(f.cfg.FS, name); err == nil && !taken {
			return name, sequence, nil
		}
	}
	return "", 0, err
}

// renameLocked does what is left when the progress names the file that is to be.
func (f *File) renameLocked() error {
	r := f.sidecar.content.Rotation
	finished := filepath.Join(filepath.Dir(f.cfg.Path), r.Finish)
	done, err := exists(f.cfg.FS, finished)
	if err != nil {
		return err
	}
	left, err := exists(f.cfg.FS, f.partialPath())
	switch {
	case err != nil:
		return err
	case done && left:
		return fmt.Errorf("both %s and %s are there: move %s away, which is not sluice's", f.partialPath(), finished, finished)
	case !done && !left:
		return fmt.Errorf("%s vouches for %d bytes, but neither %s nor %s is there: put one back; if the finished one was taken away on purpose, put an empty file in its place; "+
			"or remove %s to read the sources from their start", f.sidecar.path, f.sidecar.content.Size, f.partialPath(), finished, f.sidecar.path)
	case left:
		if err := f.cfg.FS.Rename(f.partialPath(), finished); err != nil {
			return disk.Explain(err)
		}
	}
	if err := f.cfg.FS.SyncDir(filepath.Dir(finished)); err != nil {
		return disk.Explain(err)
	}
	return f.finishedLocked(r.Finish)
}

// finishedLocked removes the files that are not kept, and notes that the part is
// a finished file.
func (f *File) finishedLocked(name string) error {
	files := append([]string(nil), f.sidecar.content.Rotation.Finished...)
	if f.cfg.Keep > 0 {
		files = append(files, name)
	} else {
		files = nil
	}
	for len(files) > f.cfg.Keep {
		err := f.cfg.FS.Remove(filepath.Join(filepath.Dir(f.cfg.Path), files[0]))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a file beyond keep=%d: %w", f.cfg.Keep, disk.Explain(err))
		}
		files = files[1:]
	}
	return f.sidecar.change(f.cfg.Now(), func(c *content) {
		c.Size = 0
		c.Rotation.Begun, c.Rotation.Finish, c.Rotation.Finished = time.Time{}, "", files
	})
}

// exists says whether there is something of that name.
func exists(fsys disk.FS, path string) (bool, error) {
	file, err := fsys.OpenFile(path, os.O_RDONLY, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, disk.Explain(err)
	}
	return true, file.Close()
}
