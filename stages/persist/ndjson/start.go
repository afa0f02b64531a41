package ndjson

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"sluice/stages/persist/disk"
)

func (f *File) partialPath() string { return f.cfg.Path + PartialSuffix }

// activePath is the file that rows go to.
func (f *File) activePath() string {
	if f.cfg.Rotates() {
		return f.partialPath()
	}
	return f.cfg.Path
}

// startLocked takes the locks, reads the progress and mends the rows.
func (f *File) startLocked() (err error) {
	if err := f.lockLocked(); err != nil {
		return err
	}
	if !f.cfg.Rotates() {
		return f.startOneLocked()
	}
	if f.sidecar, err = openSidecar(f.cfg.FS, f.cfg.Path+ProgressSuffix); err != nil {
		return err
	}
	if f.sidecar.begun && f.sidecar.content.Rotation == nil {
		if err := f.leaveOneLocked(); err != nil {
			return err
		}
	}
	if f.sidecar.content.Rotation == nil {
		f.sidecar.content.Rotation = &rotation{}
	}
	return f.startManyLocked()
}

// lockLocked takes the lock of the folder's files. With rotation it is a file of
// its own, because the others come and go; without, the rows' file is locked when
// it is opened, and the lock of another run that rotates is respected.
func (f *File) lockLocked() error {
	flag := os.O_RDWR
	if f.cfg.Rotates() {
		flag |= os.O_CREATE
	}
	path := f.cfg.Path + LockSuffix
	file, err := f.cfg.FS.OpenFile(path, flag, 0o666)
	if errors.Is(err, fs.ErrNotExist) && !f.cfg.Rotates() {
		return nil
	}
	if err != nil {
		return fmt.Errorf("lock rows: %w", disk.Explain(err))
	}
	f.locks = append(f.locks, file)
	if err := file.Lock(true); err != nil {
		return fmt.Errorf("open rows: %s: %w", path, err)
	}
	return nil
}

// startOneLocked opens the one file without rotation.
func (f *File) startOneLocked() (err error) {
	if f.part, err = openPart(f.cfg.FS, f.cfg.Path, f.cfg.Compress); err != nil {
		return fmt.Errorf("open rows: %w", err)
	}
	path := f.cfg.Path + ProgressSuffix
	if f.cfg.Truncate {
		// The progress goes first: it must never vouch for rows that are gone.
		if err := removeSidecar(f.cfg.FS, path); err != nil {
			return err
		}
		if err := f.part.log.CutTo(0); err != nil {
			return err
		}
	}
	if f.sidecar, err = openSidecar(f.cfg.FS, path); err != nil {
		return err
	}
	if f.sidecar.content.Rotation != nil {
		if err := f.leaveManyLocked(); err != nil {
			return err
		}
	}
	if err := f.sidecar.compare(f.cfg.Path, f.part.size()); err != nil {
		return err
	}
	if err := f.part.expect(f.cfg.Compress, f.sidecar.ours); err != nil {
		return err
	}
	return f.part.mend(f.cfg.Compress, f.sidecar.vouched(), f.sidecar.ours)
}

// expect is an error unless what the file holds is encoded as its rows will be. A
// beginning of ours that never got to the disk whole says nothing; mend cuts it away.
func (p *part) expect(c Compression, ours disk.Ours) error {
	head, err := p.head()
	found := sniff(head)
	if err != nil || len(head) == 0 || found == c || tornHead(head) && ours(0, head) {
		return err
	}
	return fmt.Errorf("%s holds %s, and %s would be appended to it: choose another file, or mode=truncate", p.path, found.name(), c.name())
}

// startManyLocked goes on with what an earlier run that rotated has left.
func (f *File) startManyLocked() error {
	if f.sidecar.content.Rotation.Finish != "" {
		if err := f.renameLocked(); err != nil {
			return err
		}
	}
	same, err := f.openPartialLocked()
	if err != nil || f.part == nil {
		return err
	}
	if f.part.size() == 0 {
		f.sidecar.content.Rotation.Begun = time.Time{}
		return nil
	}
	if !same || f.remainingLocked() <= 0 {
		return f.finishLocked()
	}
	f.watchLocked()
	return nil
}

// openPartialLocked opens and mends the partial file if there is one with rows,
// and says whether it is encoded as it would be now.
func (f *File) openPartialLocked() (same bool, err error) {
	there, err := exists(f.cfg.FS, f.partialPath())
	if err != nil {
		return false, err
	}
	if !there {
		return false, f.sidecar.compare(f.partialPath(), 0)
	}
	if f.part, err = openPart(f.cfg.FS, f.partialPath(), f.cfg.Compress); err != nil {
		return false, fmt.Errorf("open rows: %w", err)
	}
	if err := f.sidecar.compare(f.partialPath(), f.part.size()); err != nil {
		return false, err
	}
	found, some, err := f.part.compression()
	if err != nil || !some {
		return true, err
	}
	// The name says that all of it is sluice's.
	ours := func(int64, []byte) bool { return true }
	if err := f.part.mend(found, f.sidecar.vouched(), ours); err != nil {
		return false, err
	}
	return found == f.cfg.Compress || f.part.size() == 0, nil
}

// leaveOneLocked ends the file of an earlier run without rotation: it stays as
// it is, whole, and rows go to other files from now on.
func (f *File) leaveOneLocked() error {
	there, err := exists(f.cfg.FS, f.cfg.Path)
	if err != nil {
		return err
	}
	if !there {
		if err := f.sidecar.compare(f.cfg.Path, 0); err != nil {
			return err
		}
	} else if err := f.endOne(); err != nil {
		return err
	}
	return f.sidecar.change(f.cfg.Now(), func(c *content) { c.Size, c.Rotation = 0, &rotation{} })
}

func (f *File) endOne() error {
	p, err := openPart(f.cfg.FS, f.cfg.Path, Plain)
	if err != nil {
		return fmt.Errorf("open rows: %w", err)
	}
	err = f.sidecar.compare(f.cfg.Path, p.size())
	if err == nil {
		var c Compression
		if c, _, err = p.compression(); err == nil {
			err = p.mend(c, f.sidecar.vouched(), f.sidecar.ours)
		}
	}
	return errors.Join(err, p.log.Close())
}

// leaveManyLocked finishes the partial file of an earlier run that rotated. The
// one file that rows go to from now on is open already.
func (f *File) leaveManyLocked() error {
	one := f.part
	defer func() { f.part = one }()
	f.part = nil
	if f.sidecar.content.Rotation.Finish != "" {
		if err := f.renameLocked(); err != nil {
			return err
		}
	}
	_, err := f.openPartialLocked()
	if f.part != nil {
		if err == nil && f.part.size() > 0 {
			err = f.finishLocked()
		} else {
			err = errors.Join(err, f.part.log.Close())
		}
	}
	if err != nil {
		return err
	}
	return f.sidecar.change(f.cfg.Now(), func(c *content) { c.Size, c.Rotation = one.size(), nil })
}
