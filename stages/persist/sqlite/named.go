package sqlite

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

var (
	// errGone says that the database has no name any more: nobody would find what
	// is written to it.
	errGone = errors.New("was moved or removed while sluice wrote to it: put it back; or stop sluice, and the next run makes a new one and reads the sources from their start")
	// errReplaced says that another file has its name.
	errReplaced = errors.New("was replaced by another file while sluice wrote to it: run again, and it goes on from what is there")
	// errLogGone says the same of the file of the log.
	errLogGone = errors.New("the log of the database was moved or removed while sluice wrote to it; " +
		"what it held is carried over to the database now: run again, and it goes on from there")
)

// isAstray says whether an error is of stays, and says all of it itself.
func isAstray(err error) bool {
	return errors.Is(err, errGone) || errors.Is(err, errReplaced) || errors.Is(err, errLogGone)
}

// named is a file of the database and what it was called when it was opened.
type named struct {
	path string
	info os.FileInfo
	gone error // what to say when there is none of that name
}

// remember notes the files of the database. Where the file system cannot have a
// log in shared memory there is none.
func (d *DB) remember() error {
	for _, f := range []named{{path: d.cfg.Path, gone: errGone}, {path: d.cfg.Path + "-wal", gone: errLogGone}} {
		var err error
		f.info, err = os.Stat(f.path)
		switch {
		case err == nil:
			d.names = append(d.names, f)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// stays says whether the files still have their names. SQLite does not look.
func (d *DB) stays() error {
	for _, f := range d.names {
		info, err := os.Stat(f.path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("%s: %w", f.path, f.gone)
		case err != nil:
			return err
		case !os.SameFile(info, f.info):
			return fmt.Errorf("%s: %w", f.path, errReplaced)
		}
	}
	return nil
}
