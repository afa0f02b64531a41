package row

import (
	"math"
	"sync"
	"unsafe"

	"sluice/pipeline"
)

// Kind is what a cell holds.
type Kind uint8

// The kinds of a cell.
const (
	Null  Kind = iota
	Text       // also a timestamp
	JSON       // text that is JSON
	Int        // a 64-bit integer
	Float      // a finite float64
	Bool       // Cell.Int is 0 or 1
)

// Cell is one value of a row. What it holds of text lies in its Rows.
type Cell struct {
	Kind Kind
	bits uint64 // the number, or where the text starts (high 32 bits) and ends
}

// Int returns the value of an Int, and 0 or 1 for a Bool.
func (c Cell) Int() int64 { return int64(c.bits) }

// Float returns the value of a Float.
func (c Cell) Float() float64 { return math.Float64frombits(c.bits) }

// Rows are typed rows of one width, one for each live record of a batch in
// order: what the encoder attaches to the batch and the sink takes off it. The
// text of all rows shares one buffer.
type Rows struct {
	width  int
	cells  []Cell
	text   []byte
	values []pipeline.Value // of the record being added
}

var rowsPool = sync.Pool{New: func() any { return new(Rows) }}

// maxKept is the largest buffer that is kept for the next batch.
const maxKept = 1 << 20

// NewRows returns empty rows of the layout. Release gives them back.
func (l *Layout) NewRows() *Rows {
	r := rowsPool.Get().(*Rows)
	r.width = len(l.fields)
	return r
}

// Release gives the memory back. The owner calls it once, last.
func (r *Rows) Release() {
	r.cells = r.cells[:0]
	r.text = r.text[:0]
	clear(r.values) // they keep the record's memory
	if cap(r.text) > maxKept {
		r.text = nil
	}
	rowsPool.Put(r)
}

// Size implements pipeline.Sized: the rows count in the budget until the sink
// has them.
func (r *Rows) Size() int64 {
	return int64(cap(r.text)) + int64(cap(r.cells))*int64(unsafe.Sizeof(Cell{}))
}

var _ pipeline.Sized = (*Rows)(nil)

// Len returns the number of rows.
func (r *Rows) Len() int {
	if r.width == 0 {
		return 0
	}
	return len(r.cells) / r.width
}

// Row returns the cells of row i.
func (r *Rows) Row(i int) []Cell { return r.cells[i*r.width : (i+1)*r.width] }

// Text returns the text of a Text or JSON cell: a view that is valid until
// Release.
func (r *Rows) Text(c Cell) string {
	lo, hi := c.bits>>32, c.bits&math.MaxUint32
	if lo == hi {
		return ""
	}
	return unsafe.String(&r.text[lo], int(hi-lo))
}

// cut takes back all that was added behind n cells and size bytes of text.
func (r *Rows) cut(n, size int) { r.cells, r.text = r.cells[:n], r.text[:size] }

func (r *Rows) addNull() { r.cells = append(r.cells, Cell{}) }

func (r *Rows) addBits(kind Kind, bits uint64) {
	r.cells = append(r.cells, Cell{Kind: kind, bits: bits})
}

// addText makes a cell of the text that was appended from lo on.
func (r *Rows) addText(kind Kind, lo int) {
	r.addBits(kind, uint64(lo)<<32|uint64(len(r.text)))
}
