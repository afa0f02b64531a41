package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// readCSV reads a header and rows, as RFC 4180 has them: quoted fields with
// separators, line ends and doubled quotes in them.
func (b *builder) readCSV(c Config, text []byte, comma rune) error {
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma = comma
	r.ReuseRecord = true
	first, err := r.Read()
	if errors.Is(err, io.EOF) {
		return errors.New("it is empty; expected a header line with the names of the columns")
	}
	if err != nil {
		return err
	}
	header := slices.Clone(first)
	key, err := columnOf(header, c.Key)
	if err != nil {
		return err
	}
	cells, err := cellsOf(header, c)
	if err != nil {
		return err
	}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := checkText(r, header, record, key); err != nil {
			return err
		}
		for _, c := range cells {
			if err := checkText(r, header, record, c.at); err != nil {
				return err
			}
		}
		if err := b.readRow(record, cells); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
		b.add([]byte(record[key]))
	}
}

// checkText refuses a cell that is not UTF-8: it can be in no record, and as a
// key it would never be found.
func checkText(r *csv.Reader, header, record []string, at int) error {
	if utf8.ValidString(record[at]) {
		return nil
	}
	line, column := r.FieldPos(at)
	return fmt.Errorf("line %d, column %d: the cell of %q is %.60q, which is not UTF-8: convert the file, for example with iconv -f LATIN1 -t UTF-8",
		line, column, header[at], record[at])
}

// cell is a wanted column of a CSV file.
type cell struct {
	at     int // in the line
	name   string
	encode encoder
}

func cellsOf(header []string, c Config) ([]cell, error) {
	var cells []cell
	for _, name := range c.Columns {
		at, err := columnOf(header, name)
		if err != nil {
			return nil, err
		}
		encode, err := c.Types[name].encoder()
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		cells = append(cells, cell{at: at, name: name, encode: encode})
	}
	return cells, nil
}

func (b *builder) readRow(record []string, cells []cell) error {
	b.row = b.row[:0]
	for _, c := range cells {
		json, err := c.encode(record[c.at])
		if err != nil {
			return fmt.Errorf("column %q: %w", c.name, err)
		}
		if json != nil {
			json = b.share(json)
		}
		b.row = append(b.row, json)
	}
	return nil
}
