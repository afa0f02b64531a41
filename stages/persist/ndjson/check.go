package ndjson

import (
	"errors"
	"io/fs"
	"os"

	"sluice/stages/persist/disk"
)

// Check says whether OpenFile would find the file and its progress in order.
// It changes nothing.
func Check(fsys disk.FS, path string, truncate bool) error {
	if truncate {
		return disk.CheckLog(fsys, path, func(int64, []byte) bool { return true })
	}
	size := int64(0)
	info, err := os.Stat(path)
	switch {
	case err == nil:
		size = info.Size()
	case !errors.Is(err, fs.ErrNotExist):
		return disk.Explain(err)
	}
	s, err := openSidecar(fsys, path+ProgressSuffix, path, size)
	if err != nil {
		return err
	}
	return disk.CheckLog(fsys, path, s.ours)
}
