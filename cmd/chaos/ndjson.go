//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
)

// fileOptions are those of the URL: rotation with some compression or none, and when
// rows are synced.
var fileOptions = []string{
	"?rotate_size=200KiB", "?sync=always&compress=gzip", "?rotate_size=100KiB&sync=close&compress=zstd", "",
	"?rotate_size=64KiB&compress=zstd", "?sync=always", "?rotate_size=100KiB&compress=gzip&sync=always", "?compress=zstd",
	"?rotate_size=300KiB&sync=close", "?compress=gzip", "?rotate_every=1s&rotate_size=10MiB&sync=always",
}

// rotation says whether the options make many files.
func rotation(options string) bool { return strings.Contains(options, "rotate_") }

// deadFile is where dead letters go that have no table.
const deadFile = "dead_letters.ndjson"

// ndjsonSink is a file of the case's directory, or several, with dead letters
// beside.
type ndjsonSink struct{ dir, options string }

func (s *ndjsonSink) url() string                    { return "ndjson://out.ndjson" + s.options }
func (s *ndjsonSink) facts() (byValue, repeats bool) { return false, true }
func (s *ndjsonSink) close() error                   { return nil }

func (s *ndjsonSink) read(l layout) (st stored, err error) {
	finished, err := filepath.Glob(filepath.Join(s.dir, "out-*")) // in the order of their numbers
	if err != nil {
		return st, err
	}
	for _, path := range append(finished, filepath.Join(s.dir, "out.ndjson"), filepath.Join(s.dir, "out.ndjson.partial")) {
		err = wholeLines(path, func(text []byte) error {
			row := struct{ Line string }{string(text)}
			if l != layoutWhole {
				row.Line = ""
				if err := json.Unmarshal(text, &row); err != nil {
					return err
				}
			}
			st.rows = append(st.rows, storedRow{text: row.Line})
			return nil
		})
		if err != nil {
			return st, err
		}
	}
	return st, st.readDeadFile(s.dir)
}

// readDeadFile reads the dead letters of a case that are in a file.
func (s *stored) readDeadFile(dir string) error {
	return wholeLines(filepath.Join(dir, deadFile), func(text []byte) error {
		var d struct {
			Code, Lane, Record string
			Encoding           string `json:"record_encoding"`
		}
		if err := json.Unmarshal(text, &d); err != nil {
			return err
		}
		letter, err := newLetter(d.Code, d.Lane, d.Record, d.Encoding)
		s.dead = append(s.dead, letter)
		return err
	})
}

// wholeLines calls line for each line of a file, which must end with one. A
// file that is absent has none.
func wholeLines(path string, line func([]byte) error) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(text) == 0 {
		return nil
	}
	if err == nil {
		text, err = decompress(text)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if text[len(text)-1] != '\n' {
		return fmt.Errorf("%s: torn at its end: %.200q", path, text[bytes.LastIndexByte(text, '\n')+1:])
	}
	number := 0
	for l := range bytes.Lines(text) {
		number++
		if err := line(bytes.TrimSuffix(l, []byte{'\n'})); err != nil {
			return fmt.Errorf("%s: line %d: %w: %.200q", path, number, err, l)
		}
	}
	return nil
}

// decompress knows what is compressed by how it starts.
func decompress(text []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(text, []byte{0x1f, 0x8b}):
		r, err := gzip.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(r)
	case bytes.HasPrefix(text, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		r, err := zstd.NewReader(bytes.NewReader(text))
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return io.ReadAll(r)
	default:
		return text, nil
	}
}
