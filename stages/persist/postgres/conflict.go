package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// Where a row whose key is there is passed over or a dead letter, the arrivals
// are numbered, and the statement that moves them into the table answers which
// of them did not go in.

// errUntold says that rows were passed over and it cannot be told which, because
// the table has triggers that may have changed their keys.
var errUntold = errors.New("some rows were passed over, and it is not known which")

// tells says whether it matters which rows were passed over.
func (t table) tells() bool {
	return len(t.keys) > 0 && (t.conflict == row.ConflictIgnore || t.conflict == row.ConflictDead)
}

// ordinal is the column that numbers the arrivals, by a name that no other has.
func (t table) ordinal() string {
	name := "sluice_row"
	for t.has(name) {
		name += "_"
	}
	return quote(name)
}

func (t table) has(name string) bool {
	for _, c := range t.columns {
		if c.name == name {
			return true
		}
	}
	return false
}

// putNew returns the statement that moves the arrivals into the table whose key is
// not there, the first of those that share one. It answers how many went in, and
// the numbers from 0 of the others as an array, NULL when there are none. Where a
// trigger may change keys the array is empty: of several rows only the count is
// known then.
func (t table) putNew() string {
	keys := make([]string, len(t.keys))
	same := make([]string, len(t.keys))
	for i := range t.keys {
		keys[i] = fmt.Sprintf("k%d", i)
		same[i] = fmt.Sprintf("p.k%d = a.k%d", i, i)
	}
	return fmt.Sprintf(`WITH put (%[1]s) AS (
			INSERT INTO %[2]s (%[3]s) SELECT %[3]s FROM %[4]s ORDER BY %[5]s ON CONFLICT (%[6]s) DO NOTHING RETURNING %[6]s)
		SELECT (SELECT count(*) FROM put), CASE WHEN (SELECT count(*) FROM put) < (SELECT count(*) FROM %[4]s) THEN ARRAY(
			SELECT a.i::int FROM (
				SELECT %[6]s, row_number() OVER (ORDER BY %[5]s) - 1, row_number() OVER (PARTITION BY %[6]s ORDER BY %[5]s) FROM %[4]s
			) AS a (%[1]s, i, nth) WHERE NOT (%[8]s) AND (a.nth > 1 OR NOT EXISTS (SELECT FROM put p WHERE %[7]s))
		) END`,
		strings.Join(keys, ", "), t.name, quoteAll(t.names()), arrivals, t.ordinal(), quoteAll(t.keys), strings.Join(same, " AND "), t.triggered())
}

// triggered returns the condition that a trigger may change rows before they go
// into the table or a partition of it. (A row trigger is 1 in tgtype, BEFORE 2,
// INSERT 4.)
func (t table) triggered() string {
	of := "to_regclass(" + literal(t.name.String()) + ")"
	return "EXISTS (SELECT FROM pg_trigger WHERE tgtype & 7 = 7 AND tgenabled <> 'D' AND (tgrelid = " + of +
		" OR tgrelid IN (SELECT relid FROM pg_partition_tree(" + of + "))))"
}

// putArrivals moves the arrivals into the table. They are the rows of records,
// which may be nil where it does not matter which are passed over.
func (d *DB) putArrivals(ctx context.Context, records []*pipeline.Record) error {
	result := d.conn.ExecPrepared(ctx, preparedUpsert, nil, nil, nil).Read()
	if result.Err != nil || !d.rows.tells() {
		return broken(result.Err)
	}
	in := int(int64Of(string(result.Rows[0][0])))
	out := numbersOf(string(result.Rows[0][1]))
	switch {
	case in == len(records):
	case in+len(out) == len(records):
		for _, i := range out {
			d.passOver(records[i])
		}
	case len(records) == 1:
		d.passOver(records[0])
	default:
		return errUntold
	}
	return nil
}

// passOver notes that a record's row did not go in because its key is there. One
// that is to be passed over stays live until the group is stored: a group that is
// rolled back may meet another table.
func (d *DB) passOver(r *pipeline.Record) {
	if d.rows.conflict == row.ConflictDead {
		r.Reject(d.cfg.Layout.KeyTaken(d.rows.name.String(), r, nil))
		return
	}
	d.passed = append(d.passed, r)
}

// numbersOf reads an array of numbers as the server writes it.
func numbersOf(array string) (numbers []int) {
	for number := range strings.SplitSeq(strings.Trim(array, "{}"), ",") {
		if n, err := strconv.Atoi(number); err == nil {
			numbers = append(numbers, n)
		}
	}
	return numbers
}
