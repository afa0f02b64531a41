package ndjson

import (
	"errors"
	"io/fs"
	"os"

	"sluice/stages/persist/disk"
)

// Check says whether OpenFile would find the file and its progress in order. It
// changes nothing. How a compressed file ends is not looked at.
func Check(fsys disk.FS, path string, o Options) error {
	any := func(int64, []byte) bool { return true }
	if o.Truncate {
		return disk.CheckLog(fsys, path, any)
	}
	s, err := openSidecar(fsys, path+ProgressSuffix)
	if err != nil {
		return err
	}
	active := path
	if s.content.Rotation != nil || o.Rotates() && !s.begun {
		active += PartialSuffix
	}
	info, err := os.Stat(active)
	switch {
	case err == nil && (s.content.Rotation == nil || s.content.Rotation.Finish == ""):
		err = s.compare(active, info.Size())
	case errors.Is(err, fs.ErrNotExist):
		err = nil
		if s.content.Rotation == nil || s.content.Rotation.Finish == "" {
			err = s.compare(active, 0)
		}
	case err != nil:
		err = disk.Explain(err)
	}
	if err != nil {
		return err
	}
	ours := s.ours
	if active != path || o.Compress != Plain {
		ours = any
	}
	return disk.CheckLog(fsys, active, ours)
}
