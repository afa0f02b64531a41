package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
)

// Where a table has a key the server does not say which of several rows it refuses. Then
// each goes in with a statement of its own, many of them in one round trip behind one
// savepoint, so that the time grows with the rows and not with the refused ones among
// them.

// What a round trip takes at most.
const (
	eachRows  = 128
	eachBytes = 1 << 20
)

func (r rowAt) record() *pipeline.Record { return r.t.records[r.i] }

func (r rowAt) bytes() []byte { return r.t.row(r.i) }

// liveRows are the rows that go in, in order.
func (d *DB) liveRows() []rowAt {
	var all []rowAt
	for _, b := range d.batches {
		t, ok := b.Payload.(*tuples)
		if !ok {
			continue
		}
		for i, r := range t.records {
			if r.Live() {
				all = append(all, rowAt{t, i})
			}
		}
	}
	return all
}

// putEach puts in the rows that the table takes, in order; the records of the others
// become dead letters. Behind a row that is refused those before it go in once more.
func (d *DB) putEach(ctx context.Context, rows []rowAt) error {
	for len(rows) > 0 {
		n := roundTrip(rows)
		at, err := d.tryEach(ctx, rows[:n])
		fault := refusal(err)
		if err != nil && fault == nil {
			return err
		}
		if err == nil {
			rows = rows[n:]
			continue
		}
		if err := execute(ctx, d.conn, backToSavepoint); err != nil {
			return err
		}
		if err := d.putEach(ctx, rows[:at]); err != nil {
			return err
		}
		d.refuse(rows[at].record(), fault)
		rows = rows[at+1:]
	}
	return nil
}

// roundTrip returns how many of the rows go into one.
func roundTrip(rows []rowAt) int {
	size := 0
	for i, r := range rows[:min(len(rows), eachRows)] {
		if size += len(r.bytes()); size > eachBytes && i > 0 {
			return i
		}
	}
	return min(len(rows), eachRows)
}

// tryEach puts in rows behind a savepoint. When one of them is refused it returns which.
func (d *DB) tryEach(ctx context.Context, rows []rowAt) (at int, err error) {
	batch := &pgconn.Batch{}
	batch.ExecParams(savepoint, nil, nil, nil, nil)
	for _, r := range rows {
		batch.ExecPrepared(preparedEach, valuesOf(r.bytes()), binaryFormat, nil)
	}
	batch.ExecParams(releaseSavepoint, nil, nil, nil, nil)
	results := d.conn.ExecBatch(ctx, batch)
	var in []bool // of each row: whether it changed the table
	done := -1    // statements behind the savepoint
	for ; results.NextResult(); done++ {
		tag, err := results.ResultReader().Close()
		if err != nil {
			break
		}
		in = append(in, tag.RowsAffected() > 0)
	}
	if err := results.Close(); err != nil {
		if refusal(err) != nil && (done < 0 || done >= len(rows)) {
			err = fmt.Errorf("put in rows one by one: %v", err) // it is of none of them
		}
		return done, broken(err)
	}
	if d.rows.tells() {
		for i, r := range rows {
			if !in[i+1] {
				d.passOver(r.record())
			}
		}
	}
	return 0, nil
}

// binaryFormat is that of all parameters.
var binaryFormat = []int16{1}

// valuesOf cuts a row of a COPY into its values; nil stands for NULL.
func valuesOf(row []byte) [][]byte {
	values := make([][]byte, 0, 16)
	for row = row[2:]; len(row) > 0; { // behind the number of columns
		var value []byte
		value, row = cutValue(row)
		values = append(values, value)
	}
	return values
}
