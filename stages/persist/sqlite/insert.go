package sqlite

import (
	"errors"
	"fmt"
	"strings"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// rowsAtOnce is how many rows a statement puts in. Measured: 8 take a quarter
// less time than one by one, 16 no less than 8.
const rowsAtOnce = 8

// bytesAtOnce bounds what a statement that puts in several rows is given: SQLite
// keeps a copy of its parameters, beside those that it makes of the row.
const bytesAtOnce = 64 << 10

var errNotEncoded = errors.New("a batch came without its rows: the last stage must be the sink's Encoder")

// errUndone says that a refused row has touched others: the group has to go in
// again, without those that were refused.
var errUndone = errors.New("a row was refused, and others with it")

// inserter puts rows in, several with one statement.
type inserter struct {
	conn    *sqlite.Conn
	table   table
	one     *sqlite.Stmt
	many    *sqlite.Stmt
	pending [rowsAtOnce]pendingRow
	count   int
	bytes   int // of the pending records

	single  bool                          // the group goes in row by row
	refused map[*pipeline.Record]struct{} // of the group: they have rows, which must not go in
	layout  *row.Layout
	ignore  bool               // a row whose key is there is passed over
	dead    bool               // or its record is a dead letter
	passed  []*pipeline.Record // records of such rows
}

// pendingRow is a row that waits for its statement to be full.
type pendingRow struct {
	record *pipeline.Record
	rows   *row.Rows
	index  int
}

func newInserter(conn *sqlite.Conn, t table, layout *row.Layout, conflict row.Conflict) (*inserter, error) {
	keyed := len(t.keys) > 0
	in := &inserter{conn: conn, table: t, layout: layout, ignore: keyed && conflict == row.ConflictIgnore, dead: keyed && conflict == row.ConflictDead}
	var err error
	if in.one, err = conn.Prepare(t.insert(1, conflict)); err != nil {
		return nil, err
	}
	// Of several rows with one statement it is not known which were passed over.
	if in.ignore || len(t.columns)*rowsAtOnce > int(conn.Limit(sqlite.LimitVariableNumber, -1)) {
		return in, nil
	}
	in.many, err = conn.Prepare(t.insert(rowsAtOnce, conflict))
	return in, err
}

// begin makes ready for a group, which may be one that has been begun before.
func (in *inserter) begin() { in.reset(false) }

// again makes ready for the same group after errUndone.
func (in *inserter) again() { in.reset(true) }

func (in *inserter) reset(single bool) {
	in.count, in.bytes, in.single = 0, 0, single
	in.passed = in.passed[:0]
}

// stored ends the group: what was passed over counts as filtered. It is said
// only now, because a group that is rolled back may meet another table.
func (in *inserter) stored() {
	for _, r := range in.passed {
		r.Filter()
	}
	in.end()
}

// end forgets the group.
func (in *inserter) end() {
	clear(in.refused)
	clear(in.passed)
	in.passed = in.passed[:0]
}

// encoded returns how many rows a batch came with.
func (in *inserter) encoded(b *pipeline.Batch) int {
	n := b.Live()
	if len(in.refused) == 0 {
		return n
	}
	for i := range b.Len() {
		if in.wasRefused(b.Record(i)) {
			n++
		}
	}
	return n
}

// takeOut filters a record that has a row, which must not go in.
func (in *inserter) takeOut(r *pipeline.Record) {
	in.skip(r)
	r.Filter()
}

// skip remembers a record whose row must not go in.
func (in *inserter) skip(r *pipeline.Record) {
	if in.refused == nil {
		in.refused = map[*pipeline.Record]struct{}{}
	}
	in.refused[r] = struct{}{}
}

func (in *inserter) wasRefused(r *pipeline.Record) bool {
	_, ok := in.refused[r]
	return ok
}

// add puts in the rows of a batch's live records; the last few wait for more,
// or for flush. The batch keeps its rows until then.
func (in *inserter) add(b *pipeline.Batch) error {
	rows, _ := b.Payload.(*row.Rows)
	n := in.encoded(b)
	if rows == nil && n == 0 {
		return nil
	}
	if rows == nil || rows.Len() != n {
		return errNotEncoded
	}
	index := 0
	for i := range b.Len() {
		r := b.Record(i)
		if in.wasRefused(r) {
			index++
			continue
		}
		if !r.Live() {
			continue
		}
		in.pending[in.count] = pendingRow{r, rows, index}
		in.count++
		in.bytes += len(r.Raw())
		index++
		if in.count == rowsAtOnce || in.bytes > bytesAtOnce {
			if err := in.flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// flush puts in what waits. After errUndone the transaction is over or holds a
// part of the group.
func (in *inserter) flush() error {
	pending := in.pending[:in.count]
	large := in.bytes > bytesAtOnce
	in.count, in.bytes = 0, 0
	if large {
		defer in.one.ClearBindings()
	}
	if len(pending) == rowsAtOnce && in.many != nil && !in.single && !large {
		for i := range pending {
			bind(in.many, i*len(in.table.columns), pending[i].rows, pending[i].index)
		}
		err := run(in.many)
		if !ofRow(err) {
			return err
		}
		if in.undid() {
			return errUndone
		}
		// One of them was refused and none went in: find out which.
	}
	for i := range pending {
		bind(in.one, 0, pending[i].rows, pending[i].index)
		err := run(in.one)
		if err == nil {
			if in.ignore && in.conn.Changes() == 0 {
				in.passed = append(in.passed, pending[i].record)
			}
			continue
		}
		if !ofRow(err) {
			return err
		}
		in.refuse(pending[i].record, err)
		if in.undid() {
			return errUndone
		}
	}
	return nil
}

// undid says whether the statement that was refused has done more or less than
// nothing: ROLLBACK undoes the transaction, FAIL leaves a part of the rows.
func (in *inserter) undid() bool { return in.conn.AutocommitEnabled() || in.conn.Changes() > 0 }

// ofRow says whether a statement failed for what a row holds: a constraint, or more
// bytes than SQLite takes in a row.
func ofRow(err error) bool {
	if err == nil {
		return false
	}
	code := sqlite.ErrCode(err).ToPrimary()
	return code == sqlite.ResultConstraint || code == sqlite.ResultTooBig
}

// refuse makes a record a dead letter whose row the table did not take.
func (in *inserter) refuse(r *pipeline.Record, err error) {
	in.skip(r)
	if in.dead && in.ofKey(err) {
		r.Reject(in.layout.KeyTaken(quote(in.table.name), r, err))
		return
	}
	r.Reject(&pipeline.RecordError{
		Stage: "persist", Code: pipeline.CodeConstraint, Err: err,
		Message: fmt.Sprintf("table %s refuses the row: %v", in.table.name, err),
	})
}

// ofKey says whether a row was refused because its key is there: SQLite names the
// columns of the index, "UNIQUE constraint failed: events.a, events.b (...)".
func (in *inserter) ofKey(err error) bool {
	_, list, ok := strings.Cut(err.Error(), "UNIQUE constraint failed: ")
	if !ok {
		return false
	}
	if end := strings.LastIndex(list, " ("); end >= 0 {
		list = list[:end]
	}
	var columns []string
	for one := range strings.SplitSeq(list, ", ") {
		columns = append(columns, strings.TrimPrefix(one, in.table.name+"."))
	}
	if len(columns) != len(in.table.keys) {
		return false
	}
	for _, column := range columns {
		if !contains(in.table.keys, column) {
			return false
		}
	}
	return true
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
