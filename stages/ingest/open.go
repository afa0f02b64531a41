package ingest

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"sluice/pipeline"
)

// OpenFiles returns a source that reads the files at paths one after another.
// stored is the progress that the sink has of any sources: a file that it knows
// is read from there. With fromStart each is read from its start, under the
// identity and version that are stored. A path may also name a pipe or a
// device, which is read as a Stream. A file given twice is read once.
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
	for i, known := range settle(len(f.entries), claims) {
		f.entries[i].known = known
	}
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
	}
	return fmt.Errorf("read %s: %w", path, rootCause(err))
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

// claimsOf compares a file's start with those of the files that are known. A
// plain file must also have the known one's last bytes before its position; for
// a compressed one that is checked on the way there.
func (f *Files) claimsOf(e *entry, index int) ([]claim, error) {
	file, err := os.Open(e.path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	head, form, err := readHead(file)
	if err != nil {
		return nil, err
	}
	var claims []claim
	for _, known := range f.register.candidates(head) {
		k := &f.register.files[known]
		if form == formatPlain {
			if _, err := verifyPlain(file, k.progress); err != nil {
				continue
			}
		}
		claims = append(claims, claim{
			file: index, known: known, length: k.length, frontier: k.progress.Frontier,
			inode: k.inode != 0 && k.inode == inodeOf(e.info),
			path:  k.progress.Name == e.path,
		})
	}
	return claims, nil
}
