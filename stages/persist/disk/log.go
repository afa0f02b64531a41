package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Sharing says who else may append to a log.
type Sharing bool

// The ways to share a log.
const (
	Exclusive Sharing = false // nobody; a second process gets ErrLocked
	Shared    Sharing = true  // any process that opens it Shared
)

// writeBackEvery is how much a log writes between two hints to the system.
const writeBackEvery = 8 << 20

// Log is a file of lines that is only ever appended to. For one goroutine.
type Log struct {
	file    File
	mine    fs.FileInfo // which file it is
	path    string
	sharing Sharing
	size    int64    // of an Exclusive log, with what is held
	held    []byte   // of an Exclusive log: its end, which is not in the file yet
	hinted  int64    // size of the file at the last hint
	cut     bool     // something was cut away that may still be on the disk: see settleCut
	torn    bool     // what was to be cut away is still there: nothing more is written or synced
	vector  [][]byte // what put writes
}

// OpenLog opens the log at path, makes it when there is none, and locks it. An
// Exclusive one then has to be mended (Mend) or cut before anything is written;
// a Shared one is mended with ours, unless another process has it open; one that
// mends it at this moment is waited for.
func OpenLog(fsys FS, path string, sharing Sharing, ours Ours) (*Log, error) {
	file, err := fsys.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return nil, Explain(err)
	}
	l := &Log{file: file, path: path, sharing: sharing}
	if err := l.prepare(fsys, ours); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

var errNotRegular = errors.New("is not a regular file: rows go to stdout with stdout://, and nowhere with null://; dead letters need a file")

func (l *Log) prepare(fsys FS, ours Ours) error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: %w", l.path, errNotRegular)
	}
	if err := l.lock(ours); err != nil {
		return err
	}
	l.mine = info
	if info.Size() == 0 {
		return fsys.SyncDir(filepath.Dir(l.path)) // the file may be new
	}
	return nil
}

func (l *Log) lock(ours Ours) error {
	err := l.file.Lock(true)
	if l.sharing == Exclusive {
		if err != nil {
			return fmt.Errorf("%s: %w", l.path, err)
		}
		info, err := l.file.Stat()
		if err == nil {
			l.size, l.hinted = info.Size(), info.Size()
		}
		return err
	}
	switch {
	case err == nil:
		if err := l.Mend(ours); err != nil {
			return err
		}
	case !errors.Is(err, ErrLocked):
		return fmt.Errorf("%s: %w", l.path, err)
	}
	if err := l.share(); err != nil {
		return fmt.Errorf("%s: %w", l.path, err)
	}
	return nil
}

// Another process that opens a Shared log holds it alone while it mends it.
const (
	shareTries = 500
	sharePause = 10 * time.Millisecond
)

// share takes the shared lock. It waits for who mends the log, five seconds at most.
func (l *Log) share() (err error) {
	for range shareTries {
		if err = l.file.Lock(false); !errors.Is(err, ErrLocked) {
			return err
		}
		time.Sleep(sharePause)
	}
	return err
}

// cutTorn takes away what stands behind the last line end, all of it ours. Only
// the owner of the exclusive lock may do so.
func (l *Log) cutTorn() error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	end, err := lastLineEnd(l.file, info.Size())
	if err != nil || end == info.Size() {
		return err
	}
	l.cut = true
	return errors.Join(l.file.Truncate(end), l.settleCut())
}

// settleCut makes durable that something was cut away, before other lines take its place.
// Otherwise a loss of power could leave a line of which one part is what was cut and
// the rest what took its place, and nothing would tell it from a whole one.
func (l *Log) settleCut() error {
	if !l.cut {
		return nil
	}
	err := l.syncFile()
	l.cut = err != nil
	return err
}

// lastLineEnd returns the offset behind the last line end, 0 when there is
// none. It reads backwards, no more than the last line.
func lastLineEnd(f File, size int64) (int64, error) {
	block := make([]byte, 64<<10)
	for size > 0 {
		n := min(size, int64(len(block)))
		if _, err := f.ReadAt(block[:n], size-n); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(block[:n], '\n'); i >= 0 {
			return size - n + int64(i) + 1, nil
		}
		size -= n
	}
	return 0, nil
}

// Size returns the length of an Exclusive log.
func (l *Log) Size() int64 { return l.size }

// ReadAt implements io.ReaderAt.
func (l *Log) ReadAt(p []byte, offset int64) (int, error) { return l.file.ReadAt(p, offset) }

// Write appends whole lines, those of each part behind those of the one before,
// with one call to the system where there is one part or the system can, and returns
// how many bytes of them are there as whole lines. After an error of an Exclusive log that is
// none; a Shared one may have got some, and half a line while another process has it open.
// An Exclusive log may keep the last of them, less than a block, until Sync or Close.
func (l *Log) Write(parts ...[]byte) (int64, error) {
	if l.sharing == Exclusive {
		return l.append(parts)
	}
	if err := l.settleCut(); err != nil {
		return 0, err
	}
	n, err := writeParts(l.file, parts)
	if err != nil {
		return wholeLines(parts, n), errors.Join(Explain(err), l.cutShared())
	}
	return n, nil
}

// wholeLines returns how much of the first n bytes of the parts is whole lines.
func wholeLines(parts [][]byte, n int64) (whole int64) {
	for _, p := range parts {
		if n < int64(len(p)) {
			return whole + int64(bytes.LastIndexByte(p[:n], '\n')+1)
		}
		whole += int64(len(p))
		n -= int64(len(p))
	}
	return whole
}

// CutTo takes back what was appended to an Exclusive log since its Size was
// size. A Shared one cannot take anything back.
func (l *Log) CutTo(size int64) error {
	if l.sharing == Shared {
		return nil
	}
	in := l.inFile()
	if size >= in {
		l.held, l.size = l.held[:size-in], size
		return nil
	}
	if err := l.cutFile(size, l.size-size); err != nil {
		return err
	}
	l.held, l.size = l.held[:0], size
	return nil
}

// cutFile cuts the file, and with that n bytes of lines.
func (l *Log) cutFile(size, n int64) error {
	if err := l.file.Truncate(size); err != nil {
		l.torn = true
		return fmt.Errorf("take back %d bytes: %w: %w", n, err, errUnknown)
	}
	l.hinted, l.cut = min(l.hinted, size), true
	return nil
}

// cutShared cuts the torn tail of a Shared log that nobody else has open.
func (l *Log) cutShared() error {
	if l.sharing == Exclusive {
		return nil
	}
	if err := l.file.Lock(true); err == nil {
		if err := l.cutTorn(); err != nil {
			return err
		}
	}
	return l.share() // also after a try in vain, which may have cost the shared one
}

// tornError is why a torn log takes nothing more: it would stand behind half a line,
// and a Sync would vouch for that.
func (l *Log) tornError() error {
	return fmt.Errorf("%s: lines that failed could not be cut away: %w", l.path, errUnknown)
}

// Sync makes all that was written durable.
func (l *Log) Sync() error {
	if l.torn {
		return l.tornError()
	}
	if err := l.release(); err != nil {
		return err
	}
	return l.syncFile()
}

func (l *Log) syncFile() error {
	if err := l.file.Sync(); err != nil {
		return fmt.Errorf("%w: %w", Explain(err), errUnknown)
	}
	return nil
}

// Stays says whether the log still has its name: the error wraps ErrGone or
// ErrReplaced.
func (l *Log) Stays(fsys FS) error {
	named, err := fsys.Stat(l.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w", l.path, ErrGone)
	case err != nil:
		return Explain(err)
	case !os.SameFile(l.mine, named):
		return fmt.Errorf("%s: %w", l.path, ErrReplaced)
	}
	return nil
}

// Close closes the file without a Sync, and gives up the lock.
func (l *Log) Close() error {
	var err error
	if !l.torn {
		err = l.release()
	}
	return errors.Join(err, l.file.Close())
}

// Explain adds to an error of the file system what to do about it.
func Explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: the disk is full: make room", err)
	case errors.Is(err, syscall.EFBIG):
		return fmt.Errorf("%w: the system lets no file be larger: raise the limit (ulimit -f), or rotate the files", err)
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return fmt.Errorf("%w: raise the limit on open files (ulimit -n)", err)
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: the directory must exist: make it with mkdir -p", err)
	case errors.Is(err, syscall.EISDIR):
		return fmt.Errorf("%w: expected a file: choose another name", err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: sluice needs to write there: change its owner or mode, or choose another place", err)
	default:
		return err
	}
}
