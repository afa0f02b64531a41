//go:build unix

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// ndjsonSink is a file of the case's directory, with its dead letters beside it.
type ndjsonSink struct{ dir string }

func (s *ndjsonSink) url() string                    { return "ndjson://out.ndjson" }
func (s *ndjsonSink) facts() (byValue, repeats bool) { return false, true }
func (s *ndjsonSink) close() error                   { return nil }

func (s *ndjsonSink) read(l layout) (st stored, err error) {
	err = wholeLines(filepath.Join(s.dir, "out.ndjson"), func(text []byte) error {
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
	return st, wholeLines(filepath.Join(s.dir, "dead_letters.ndjson"), func(text []byte) error {
		var d struct {
			Code, Lane, Record string
			Encoding           string `json:"record_encoding"`
		}
		if err := json.Unmarshal(text, &d); err != nil {
			return err
		}
		letter, err := newLetter(d.Code, d.Lane, d.Record, d.Encoding)
		st.dead = append(st.dead, letter)
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
	if err != nil {
		return err
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
