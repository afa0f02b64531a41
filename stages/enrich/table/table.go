package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// MaxFileBytes is the largest file that is taken as a table. A table stays in
// memory whole, next to the one that replaces it while it is reloaded.
const MaxFileBytes = 256 << 20

// Config says which table, and what of it is wanted.
type Config struct {
	Path    string          // the file; .csv, .tsv, .ndjson or .jsonl, or told by its first byte
	Key     string          // the column whose text is the key; in NDJSON a field path
	Columns []string        // the columns that rows are asked for, in their order
	Types   map[string]Type // of columns of a CSV file; text unless set
}

// Table is a loaded table. It is immutable; any number of goroutines may use
// it.
type Table struct {
	rows       map[string]int32 // key -> row
	values     [][]byte         // row after row, a JSON text for each column, nil for none
	columns    int
	bytes      int64
	duplicates int
}

// Find returns the row whose key is the given text: a JSON text for each column
// of the Config, nil where the row has none. The row must not be changed; it
// stays valid for ever.
func (t *Table) Find(key []byte) (row [][]byte, ok bool) {
	i, ok := t.rows[string(key)]
	if !ok {
		return nil, false
	}
	at := int(i) * t.columns
	return t.values[at : at+t.columns], true
}

// Len returns the number of rows that can be found.
func (t *Table) Len() int { return len(t.rows) }

// Duplicates returns the number of rows whose key comes again further down:
// the last row of a key is the one that is found.
func (t *Table) Duplicates() int { return t.duplicates }

// Bytes returns about how much memory the table takes.
func (t *Table) Bytes() int64 { return t.bytes }

// Load reads the table.
func Load(c Config) (*Table, error) {
	f, err := os.Open(c.Path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	t, err := load(c, f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Path, err)
	}
	return t, nil
}

func load(c Config, f *os.File) (*Table, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errors.New("it is a directory; expected a CSV or NDJSON file")
	}
	if info.Size() > MaxFileBytes {
		return nil, fmt.Errorf("it has %d bytes; expected at most %d, for a table is held in memory", info.Size(), int64(MaxFileBytes))
	}
	// A pipe has no size: the reader stops it.
	text, err := io.ReadAll(io.LimitReader(f, MaxFileBytes+1))
	if err != nil {
		return nil, err
	}
	return Parse(c, text)
}

// Parse makes a table of a file's text. Of c.Path only the name counts: it may
// tell the format.
func Parse(c Config, text []byte) (*Table, error) {
	if len(text) > MaxFileBytes {
		return nil, fmt.Errorf("more than %d bytes; a table is held in memory", int64(MaxFileBytes))
	}
	if err := refuseCompressed(text); err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	b := builder{
		table:  &Table{rows: map[string]int32{}, columns: len(c.Columns)},
		shared: map[string][]byte{},
	}
	var err error
	switch formatOf(c.Path, text) {
	case formatNDJSON:
		if len(c.Types) > 0 {
			return nil, errors.New("types are for CSV; the values of NDJSON have their own")
		}
		err = b.readNDJSON(c, text)
	case formatTSV:
		err = b.readCSV(c, text, '\t')
	default:
		err = b.readCSV(c, text, ',')
	}
	if err != nil {
		return nil, err
	}
	return b.finish(), nil
}

type format int

const (
	formatCSV format = iota
	formatTSV
	formatNDJSON
)

// formatOf tells the format by the file's extension, or else by its first byte.
func formatOf(path string, text []byte) format {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".csv":
		return formatCSV
	case ".tsv":
		return formatTSV
	case ".ndjson", ".jsonl", ".json":
		return formatNDJSON
	}
	if start := bytes.TrimSpace(text); len(start) > 0 && start[0] == '{' {
		return formatNDJSON
	}
	return formatCSV
}

// builder makes a table row by row.
type builder struct {
	table  *Table
	shared map[string][]byte // each distinct value once
	row    [][]byte          // the row being made
}

// add puts b.row under the key.
func (b *builder) add(key []byte) {
	t := b.table
	if i, ok := t.rows[string(key)]; ok {
		t.duplicates++
		copy(t.values[int(i)*t.columns:], b.row)
		return
	}
	t.rows[string(key)] = int32(len(t.rows))
	t.values = append(t.values, b.row...)
	t.bytes += int64(len(key)) + rowCost + int64(len(b.row))*sliceCost
}

// What a row takes besides its key, and a value besides its text: a map's slot
// with a string's header, and a slice's.
const (
	rowCost   = 40
	sliceCost = 24
)

// share returns the one copy of a JSON text.
func (b *builder) share(json []byte) []byte {
	if known, ok := b.shared[string(json)]; ok {
		return known
	}
	own := bytes.Clone(json)
	b.shared[string(own)] = own
	b.table.bytes += int64(len(own))
	return own
}

func (b *builder) finish() *Table {
	b.table.values = slices.Clip(b.table.values)
	return b.table
}
