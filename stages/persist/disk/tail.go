package disk

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Ours says whether an unfinished last line, which begins at start with head,
// is known to be left behind by sluice in the middle of a write.
type Ours func(start int64, head []byte) bool

const (
	tailHead = 64       // bytes of a last line that Ours sees
	tailMax  = 64 << 20 // a longer one is not looked at for being whole

	// holeSpan is how far from the end a hole is looked for: more than is ever
	// written between two syncs.
	holeSpan = 128 << 20
)

// tail is what is to be done about the last line of a log.
type tail struct {
	end    int64 // where the log ends after it
	finish bool  // it needs a line end
}

// examine looks at the end. From the first line of ours with a hole on nothing was
// synced, so it goes. Of what is left the last line is looked at. One without its line end stays when it is
// JSON as a whole and goes when it is ours; with any other the log cannot be
// used, for it would be lost or joined to a line of ours.
func examine(f File, size int64, ours Ours) (tail, error) {
	if start, head, err := firstHole(f, size); err != nil || start >= 0 && ours(start, head) {
		return tail{end: start}, err
	}
	start, err := lastLineEnd(f, size)
	if err != nil || start == size {
		return tail{end: start}, err
	}
	if size-start <= tailMax {
		line := make([]byte, size-start)
		if _, err := f.ReadAt(line, start); err != nil {
			return tail{}, err
		}
		if len(bytes.TrimSpace(line)) == 0 || json.Valid(line) {
			return tail{end: size, finish: true}, nil
		}
	}
	head := make([]byte, min(size-start, tailHead))
	if _, err := f.ReadAt(head, start); err != nil {
		return tail{}, err
	}
	if ours(start, head) {
		return tail{end: start}, nil
	}
	return tail{}, fmt.Errorf("the last line, which begins at byte %d, has no line end, is not JSON, and was not left by sluice: "+
		"end the line, or remove it, or choose another file", start)
}

// firstHole returns the start of the first line with a NUL, and what stands there
// before it; -1 when there is none. No text has a NUL: it is what a loss of power
// leaves when the file's length was durable and its data was not.
func firstHole(f File, size int64) (start int64, head []byte, err error) {
	block := make([]byte, 256<<10)
	for lo := max(0, size-holeSpan); lo < size; lo += int64(len(block)) {
		block = block[:min(size-lo, int64(len(block)))]
		if _, err := f.ReadAt(block, lo); err != nil {
			return -1, nil, err
		}
		i := bytes.IndexByte(block, 0)
		if i < 0 {
			continue
		}
		hole := lo + int64(i)
		if start, err = lastLineEnd(f, hole); err != nil {
			return -1, nil, err
		}
		head = make([]byte, min(hole-start, tailHead))
		if _, err = f.ReadAt(head, start); err != nil {
			return -1, nil, err
		}
		return start, head, nil
	}
	return -1, nil, nil
}

// Mend deals with lines that a loss of power has left with a hole, which it cuts away
// with all behind them if they are ours, and with a last line without its line end: one that is JSON as a whole
// gets it, one that is ours is cut away, any other is an error. The caller must
// hold the exclusive lock.
func (l *Log) Mend(ours Ours) error {
	info, err := l.file.Stat()
	if err != nil {
		return err
	}
	t, err := examine(l.file, info.Size(), ours)
	if err != nil {
		return fmt.Errorf("%s: %w", l.path, err)
	}
	if t.end < info.Size() {
		l.cut = true
		err = errors.Join(l.file.Truncate(t.end), l.settleCut())
	} else if t.finish {
		_, err = l.file.Write([]byte{'\n'})
		t.end++
	}
	if err != nil {
		return Explain(err)
	}
	l.size, l.hinted = t.end, t.end
	return nil
}

// CheckLog says whether OpenLog and Mend would succeed, locks apart. It changes
// nothing, and makes nothing where there is no file yet.
func CheckLog(fsys FS, path string, ours Ours) error {
	file, err := fsys.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return Explain(fsys.Writable(filepath.Dir(path)))
	}
	if err != nil {
		return Explain(err)
	}
	err = checkFile(file, ours)
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return errors.Join(err, file.Close())
}

func checkFile(file File, ours Ours) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errNotRegular
	}
	_, err = examine(file, info.Size(), ours)
	if !errors.Is(err, io.EOF) {
		return err
	}
	now, gone := file.Stat()
	if gone == nil && now.Size() < info.Size() { // its owner has cut the end off meanwhile
		return checkFile(file, ours)
	}
	return errors.Join(err, gone)
}
