//go:build unix

package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// stored is what a sink has, in the order in which it went in.
type stored struct {
	rows []storedRow
	dead []letter
}

// storedRow is a row: the line it was, or its data where JSON is kept by value.
type storedRow struct {
	text string
	lane string // "" when the row does not say
}

// letter is a dead letter.
type letter struct {
	code, lane, text string
}

// newLetter decodes the record of a dead letter.
func newLetter(code, lane, record, encoding string) (letter, error) {
	l := letter{code, lane, record}
	if encoding == "base64" {
		raw, err := base64.StdEncoding.DecodeString(record)
		l.text = string(raw)
		return l, err
	}
	return l, nil
}

// write writes what is stored to two files of a directory, for a person to look
// at.
func (s stored) write(dir string) error {
	var rows, dead strings.Builder
	for _, r := range s.rows {
		fmt.Fprintf(&rows, "%s\t%s\n", r.lane, r.text)
	}
	for _, d := range s.dead {
		fmt.Fprintf(&dead, "%s\t%s\t%q\n", d.lane, d.code, d.text)
	}
	return errors.Join(
		os.WriteFile(filepath.Join(dir, "stored_rows.txt"), []byte(rows.String()), 0o644),
		os.WriteFile(filepath.Join(dir, "stored_dead_letters.txt"), []byte(dead.String()), 0o644))
}
