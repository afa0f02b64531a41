package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"sluice/stages/enrich/nearest"
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
		if err := b.readRow(record, cells); err != nil {
			line, _ := r.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
		b.add([]byte(record[key]))
	}
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

// columnOf finds a column by name. Of two with the same name it is the first.
func columnOf(header []string, name string) (int, error) {
	if at := slices.Index(header, name); at >= 0 {
		return at, nil
	}
	listed, more := header, ""
	if len(listed) > maxListed {
		listed, more = listed[:maxListed], fmt.Sprintf(" and %d more", len(header)-maxListed)
	}
	return 0, fmt.Errorf("there is no column %q%s; the header has %s%s",
		name, nearest.Hint(name, header), strings.Join(listed, ", "), more)
}

// maxListed is how many of a header's names a message lists.
const maxListed = 60

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
