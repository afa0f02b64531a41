//go:build unix

package main

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// keptLogs is how many rotated files there may be.
const keptLogs = 20

// rotations are the ways in which a log is rotated, as logrotate calls them.
var logRotations = []string{"create", "copytruncate", "delaycompress", "compress"}

// writer appends the lines of a case to a log and rotates it meanwhile, in a
// goroutine of its own. A rotation is made by it, so nothing is written in the middle of one.
type writer struct {
	rng      *rand.Rand
	path     string
	rotation string
	lines    []line
	every    int // lines of a file
	quick    chan struct{}
	once     sync.Once
	done     chan struct{} // closed when all is written
	err      error         // to be read when done is closed
	next     int           // of the lines
}

// newWriter makes the folder of the log and an empty log in it, and notes which
// line will be in which file.
func newWriter(rng *rand.Rand, dir string, lines []line, rotation int) (*writer, error) {
	w := &writer{
		rng: rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())), path: filepath.Join(dir, "log", "app.ndjson"), rotation: logRotations[rotation],
		lines: lines, every: len(lines)/(2+rng.IntN(4)) + 1, quick: make(chan struct{}), done: make(chan struct{}),
	}
	for i := range lines {
		lines[i].file = i / w.every
	}
	if err := os.MkdirAll(filepath.Dir(w.path), 0o755); err != nil {
		return nil, err
	}
	return w, os.WriteFile(w.path, nil, 0o644)
}

// start starts it.
func (w *writer) start() {
	go func() {
		defer close(w.done)
		w.err = w.write()
	}()
}

// hurry has it make no more pauses.
func (w *writer) hurry() { w.once.Do(func() { close(w.quick) }) }

// wait returns when all is written.
func (w *writer) wait() error {
	<-w.done
	return w.err
}

// first writes a few lines.
func (w *writer) first() error {
	w.next = 50
	return w.append(w.lines[:w.next])
}

func (w *writer) write() error {
	for i := w.next; i < len(w.lines); {
		if i%w.every == 0 {
			if err := w.rotate(); err != nil {
				return fmt.Errorf("rotate the log: %w", err)
			}
		}
		n := min(1+w.rng.IntN(1+w.rng.IntN(200)), len(w.lines)-i, w.every-i%w.every)
		if err := w.append(w.lines[i : i+n]); err != nil {
			return fmt.Errorf("write the log: %w", err)
		}
		i += n
	}
	return nil
}

// append writes lines, now and then in two parts with a pause between them, in the
// middle of one.
func (w *writer) append(lines []line) error {
	f, err := os.OpenFile(w.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	var text []byte
	for _, l := range lines {
		text = append(append(text, l.text...), '\n')
	}
	cut := 0
	if w.rng.IntN(4) == 0 {
		cut = w.rng.IntN(len(text))
	}
	_, err = f.Write(text[:cut])
	if err == nil {
		w.pause()
		_, err = f.Write(text[cut:])
	}
	return errors.Join(err, f.Close())
}

// pause is so short that a whole log takes a few seconds.
func (w *writer) pause() {
	timer := time.NewTimer(time.Duration(w.rng.IntN(50)) * time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-w.quick:
	}
}

// rotate gives the log's files the next numbers and makes room for a new one.
func (w *writer) rotate() error {
	for n := keptLogs; n > 0; n-- {
		for _, ending := range []string{"", ".gz"} {
			err := os.Rename(w.numbered(n)+ending, w.numbered(n+1)+ending)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	// The time that a file was written to says which was first; some file systems
	// know it by the tick of the clock only.
	time.Sleep(20 * time.Millisecond)
	switch w.rotation {
	case "copytruncate":
		if err := copyFile(w.path, w.numbered(1), plain); err != nil {
			return err
		}
		return os.Truncate(w.path, 0)
	case "compress":
		if err := os.Rename(w.path, w.numbered(1)); err != nil {
			return err
		}
		return replaceByGzip(w.numbered(1))
	case "delaycompress":
		if err := replaceByGzip(w.numbered(2)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return os.Rename(w.path, w.numbered(1))
}

func (w *writer) numbered(n int) string { return fmt.Sprintf("%s.%d", w.path, n) }

// replaceByGzip does what the program gzip does.
func replaceByGzip(path string) error {
	if err := copyFile(path, path+".gz", func(f io.Writer) io.WriteCloser { return gzip.NewWriter(f) }); err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return errors.Join(os.Chtimes(path+".gz", info.ModTime(), info.ModTime()), os.Remove(path))
}

// copyFile copies a file through what encode makes of the new one.
func copyFile(from, to string, encode func(io.Writer) io.WriteCloser) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	e := encode(f)
	_, err = e.Write(text)
	return errors.Join(err, e.Close(), f.Close())
}

// plain encodes nothing. The file is closed by who opened it.
func plain(f io.Writer) io.WriteCloser { return plainWriter{f} }

type plainWriter struct{ io.Writer }

// Close implements io.Closer.
func (plainWriter) Close() error { return nil }
