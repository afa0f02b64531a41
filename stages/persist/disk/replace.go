package disk

import (
	"errors"
	"os"
	"path/filepath"
)

// Replace puts a file with this content in the place of the one at path, in one
// step: at any moment, and after a loss of power, the old or the new one is
// there whole.
func Replace(fsys FS, path string, content []byte) error {
	tmp := path + ".tmp"
	if err := writeWhole(fsys, tmp, content); err != nil {
		return errors.Join(Explain(err), ignoreMissing(fsys.Remove(tmp)))
	}
	if err := fsys.Rename(tmp, path); err != nil {
		return errors.Join(Explain(err), ignoreMissing(fsys.Remove(tmp)))
	}
	return fsys.SyncDir(filepath.Dir(path))
}

func writeWhole(fsys FS, path string, content []byte) error {
	f, err := fsys.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
