package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"sluice/pipeline"
)

// OpenFiles returns a source that reads the files at paths one after another.
// stored is the progress that the sink has of any sources: a file that it knows
// is read from there. With fromStart each is read from its start, under the
// identity and version that are stored. A path may also name a pipe or a
// device, which is read as a Stream. A file given twice is read once.
//
// A compressed file that may be one of several that are known is decompressed
// here, up to where they have been read; it is otherwise only looked at.
//
// Every path is checked first; the error joins one message for each that cannot
// be read. No file stays open.
func OpenFiles(paths []string, stored []pipeline.Progress, fromStart bool, cfg Config) (*Files, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	f := &Files{cfg: cfg, fromStart: fromStart, register: newRegister(stored), quota: newQuota(cfg.Limit)}
	var errs []error
	var claims []claim
	for _, path := range paths {
		info, err := os.Stat(path)
		if err == nil && info.IsDir() {
			err = errDirectory
		}
		switch {
		case err != nil:
			errs = append(errs, explainOpen(path, err))
		case !info.Mode().IsRegular():
			f.entries = append(f.entries, f.newStreamEntry(path))
		case f.given(info):
			cfg.Warn(path + ": given twice; it is read once")
		default:
			e := &entry{path: path, info: info, known: -1}
			found, err := f.claimsOf(e, len(f.entries))
			if err != nil {
				errs = append(errs, explainOpen(path, err))
			}
			claims = append(claims, found...)
			f.entries = append(f.entries, e)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	for i, known := range assign(len(f.entries), claims) {
		f.entries[i].known = known
	}
	f.warnOfCopies(claims)
	f.measure()
	return f, nil
}

var errDirectory = errors.New("it is a directory")

// explainOpen says what is wrong with a path and what to do.
func explainOpen(path string, err error) error {
	switch {
	case errors.Is(err, errDirectory):
		return fmt.Errorf("read %s: %w, expected a file: name the files in it, for example %s/*.ndjson", path, err, path)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("read %s: there is no such file (%w): check the path", path, rootCause(err))
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("read %s: %w: make it readable for this user", path, rootCause(err))
	case errors.Is(err, syscall.EMFILE):
		return fmt.Errorf("read %s: %w: each followed file stays open; raise the limit with ulimit -n, or LimitNOFILE of the service", path, rootCause(err))
	}
	return fmt.Errorf("read %s: %w", path, rootCause(err))
}

// warnOfCopies tells of files that fit a known one which another of the files
// took: they are read as files of their own.
func (f *Files) warnOfCopies(claims []claim) {
	original := map[int]string{} // known file -> path of the one that took it
	for _, e := range f.entries {
		original[e.known] = e.path
	}
	told := map[int]bool{}
	for _, c := range claims {
		if e := f.entries[c.file]; e.known < 0 && !told[c.file] {
			told[c.file] = true
			f.cfg.Warn(fmt.Sprintf("%s: it starts as %s does, which an earlier run has read; given together they are two files, and this one is read from its start: if it is a copy, leave it out",
				e.path, original[c.known]))
		}
	}
}

// rootCause drops the path that a *fs.PathError repeats.
func rootCause(err error) error {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}

// given says whether the file is among the entries already.
func (f *Files) given(info fs.FileInfo) bool {
	inode := inodeOf(info)
	for _, e := range f.byInode[inode] {
		if os.SameFile(e, info) {
			return true
		}
	}
	if f.byInode == nil {
		f.byInode = map[uint64][]fs.FileInfo{}
	}
	f.byInode[inode] = append(f.byInode[inode], info)
	return false
}
