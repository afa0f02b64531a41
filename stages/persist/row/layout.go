package row

import (
	"fmt"

	"sluice/pipeline"
)

// origin says where the value of a column comes from.
type origin uint8

const (
	fromField    origin = iota // a field of the record
	fromRest                   // the record without the fields that have columns
	fromRaw                    // the line as it came in
	fromRecord                 // the whole record as JSON
	fromLane                   // the record's lane
	fromReceived               // when the record was read
)

// field is a column with what is needed to fill it.
type field struct {
	Column
	origin  origin
	pointer string // JSON Pointer of the field
}

// Layout says what a row is made of. It does not change once made, and any
// number of goroutines may use it.
type Layout struct {
	fields []field
	paths  *pipeline.Paths // of the columns that come from fields, which stand first
	serial bool
}

// NewLayout returns the layout of a table with the given columns and, unless
// their names are empty, one more column each for the rest of the record and
// for its original bytes. An error says which From is not a path.
func NewLayout(columns Columns, rest, raw string) (*Layout, error) {
	l := &Layout{}
	var paths []pipeline.Path
	for _, c := range columns {
		path := pipeline.KeyPath(c.Name)
		if c.From != "" {
			var err error
			if path, err = pipeline.ParsePath(c.From); err != nil {
				return nil, fmt.Errorf("column %s: read from: %w", c.Name, err)
			}
		}
		l.fields = append(l.fields, field{Column: c, pointer: path.Pointer()})
		paths = append(paths, path)
	}
	l.paths = pipeline.NewPaths(paths...)
	if rest != "" {
		l.fields = append(l.fields, field{Column: Column{Name: rest, Type: TypeJSON}, origin: fromRest})
	}
	if raw != "" {
		l.fields = append(l.fields, field{Column: Column{Name: raw, Type: TypeText}, origin: fromRaw})
	}
	return l, nil
}

// RecordLayout is the layout of a table for records of any shape: lane,
// received_at and data, the record as JSON, behind a serial number.
func RecordLayout() *Layout {
	return &Layout{serial: true, paths: pipeline.NewPaths(), fields: []field{
		{Column: Column{Name: "lane", Type: TypeText}, origin: fromLane},
		{Column: Column{Name: "received_at", Type: TypeTimestamp}, origin: fromReceived},
		{Column: Column{Name: "data", Type: TypeJSON}, origin: fromRecord},
	}}
}

// Serial says whether the table starts with a column id that numbers the rows.
func (l *Layout) Serial() bool { return l.serial }

// Width returns the number of columns, the serial one not counted.
func (l *Layout) Width() int { return len(l.fields) }

// Column returns column i: the configured ones, then rest, then raw.
func (l *Layout) Column(i int) Column { return l.fields[i].Column }

// Keys returns the names of the key columns, in order.
func (l *Layout) Keys() []string {
	var keys []string
	for _, f := range l.fields {
		if f.Key {
			keys = append(keys, f.Name)
		}
	}
	return keys
}
