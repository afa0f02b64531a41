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
		return nil
	}
	size := int64(0)
	file, err := fsys.OpenFile(path, os.O_RDONLY, 0)
	switch {
	case err == nil:
		info, err := file.Stat()
		if err := errors.Join(err, file.Close()); err != nil {
			return err
		}
		size = info.Size()
	case !errors.Is(err, fs.ErrNotExist):
		return disk.Explain(err)
	}
	_, err = openSidecar(fsys, path+".progress.json", path, size)
	return err
}
