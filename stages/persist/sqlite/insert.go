package sqlite

import (
	"errors"
	"fmt"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// rowsAtOnce is how many rows a statement puts in. Measured: 8 take a quarter
// less time than one by one, 16 no less than 8.
const rowsAtOnce = 8

var errNotEncoded = errors.New("a batch came without its rows: the last stage must be the sink's Encoder")

// inserter puts rows in, several with one statement.
type inserter struct {
	conn    *sqlite.Conn
	table   table
	one     *sqlite.Stmt
	many    *sqlite.Stmt
	pending [rowsAtOnce]pendingRow
	count   int
}

// pendingRow is a row that waits for its statement to be full.
type pendingRow struct {
	record *pipeline.Record
	rows   *row.Rows
	index  int
}

func newInserter(conn *sqlite.Conn, t table) (*inserter, error) {
	in := &inserter{conn: conn, table: t}
	var err error
	if in.one, err = conn.Prepare(t.insert(1)); err != nil {
		return nil, err
	}
	if len(t.columns)*rowsAtOnce > int(conn.Limit(sqlite.LimitVariableNumber, -1)) {
		return in, nil
	}
	in.many, err = conn.Prepare(t.insert(rowsAtOnce))
	return in, err
}

// add puts in the rows of a batch's live records; the last few wait for more,
// or for flush. The batch keeps its rows until then.
func (in *inserter) add(b *pipeline.Batch) error {
	rows, _ := b.Payload.(*row.Rows)
	if rows == nil && b.Live() == 0 {
		return nil
	}
	if rows == nil || rows.Len() != b.Live() {
		return errNotEncoded
	}
	index := 0
	for i := range b.Len() {
		r := b.Record(i)
		if !r.Live() {
			continue
		}
		in.pending[in.count] = pendingRow{r, rows, index}
		in.count++
		index++
		if in.count == rowsAtOnce {
			if err := in.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush puts in what waits.
func (in *inserter) flush() error {
	pending := in.pending[:in.count]
	in.count = 0
	if len(pending) == rowsAtOnce && in.many != nil {
		for i := range pending {
			bind(in.many, i*len(in.table.columns), pending[i].rows, pending[i].index)
		}
		err := run(in.many)
		if err == nil || !in.refused(err) {
			return err
		}
		// One of them was refused and none went in: find out which.
	}
	for i := range pending {
		bind(in.one, 0, pending[i].rows, pending[i].index)
		err := run(in.one)
		if err == nil {
			continue
		}
		if !in.refused(err) {
			return err
		}
		pending[i].record.Reject(&pipeline.RecordError{
			Stage: "persist", Code: pipeline.CodeConstraint, Err: err,
			Message: fmt.Sprintf("table %s refuses the row: %v", in.table.name, err),
		})
	}
	return nil
}

// refused says whether a statement failed for what a row holds, and has left
// the transaction as it was.
func (in *inserter) refused(err error) bool {
	return sqlite.ErrCode(err).ToPrimary() == sqlite.ResultConstraint && !in.conn.AutocommitEnabled()
}

// bind sets the parameters of one row, of which the first is base+1. SQLite
// takes a copy of text: nothing of rows is kept.
func bind(s *sqlite.Stmt, base int, rows *row.Rows, index int) {
	for i, c := range rows.Row(index) {
		param := base + i + 1
		switch c.Kind {
		case row.Text, row.JSON:
			s.BindText(param, rows.Text(c))
		case row.Int, row.Bool:
			s.BindInt64(param, c.Int())
		case row.Float:
			s.BindFloat(param, c.Float())
		default:
			s.BindNull(param)
		}
	}
}
