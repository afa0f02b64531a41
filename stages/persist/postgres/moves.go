package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
	"sluice/stages/persist/progress"
	"sluice/stages/persist/row"
)

// move stores in one round trip how far the group brings its sources, or its
// number when it brings none anywhere, and looks at the table once more: rows
// went in, so nobody can change its columns until the end of the transaction. An
// error that wraps pipeline.ErrFenced says that another process moved one of
// them since.
func (d *DB) move(ctx context.Context, g *pipeline.Group) (*receipt, error) {
	batch := &pgconn.Batch{}
	for i := range g.Progress {
		if err := d.addMove(batch, &g.Progress[i]); err != nil {
			return nil, err
		}
	}
	r := &receipt{}
	if len(g.Progress) == 0 {
		d.serial++
		r.serial = d.serial
		batch.ExecPrepared(preparedMark, [][]byte{[]byte(d.instance), number(d.serial)}, nil, nil)
	} else {
		r.progress, r.version = g.Progress[0], d.fence.Last(&g.Progress[0])+1
	}
	batch.ExecPrepared(preparedFits, nil, nil, nil)
	results, err := d.conn.ExecBatch(ctx, batch).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("store progress: %w", broken(err))
	}
	for i := range g.Progress {
		if results[i].CommandTag.RowsAffected() == 0 {
			return nil, progress.Fenced(&g.Progress[i], d.place)
		}
	}
	fits, transaction := readLook(results[len(results)-1])
	if !fits {
		return nil, errChanged
	}
	r.transaction = transaction
	return r, nil
}

// addMove adds the statement that moves the progress of one source, if it is
// still as this process left it.
func (d *DB) addMove(batch *pgconn.Batch, p *pipeline.Progress) error {
	lanes, err := progress.Lanes(p.Lanes).MarshalJSON()
	if err != nil {
		return fmt.Errorf("store progress: %w", err)
	}
	rules, err := json.Marshal(p.Rules)
	if err != nil {
		return fmt.Errorf("store progress: %w", err)
	}
	last := d.fence.Last(p)
	statement := preparedNext
	if last == 0 {
		statement = preparedFirst
	}
	batch.ExecPrepared(statement, [][]byte{
		[]byte(d.rows.name.table), []byte(text(p.Source)), []byte(text(p.Name)), lanes, number(p.Frontier), number(p.Line),
		[]byte(text(p.Mark)), number(p.High), rules, d.now(), number(last),
	}, nil, nil)
	return nil
}

func number(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

func (d *DB) now() []byte { return d.cfg.Now().UTC().AppendFormat(nil, row.TimeFormat) }

// look says whether the table's columns still suit the plan, and which
// transaction this is.
func (d *DB) look(ctx context.Context) (fits bool, transaction string, err error) {
	result := d.conn.ExecPrepared(ctx, preparedFits, nil, nil, nil).Read()
	if result.Err != nil {
		return false, "", broken(result.Err)
	}
	fits, transaction = readLook(result)
	return fits, transaction, nil
}

func readLook(result *pgconn.Result) (fits bool, transaction string) {
	return string(result.Rows[0][0]) == "t", string(result.Rows[0][1])
}

// allProgress reads the progress of every source into the table.
func (d *DB) allProgress(ctx context.Context) (all []pipeline.Progress, err error) {
	rows, err := query(ctx, d.conn, d.sql.read, d.rows.name.table)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		p := pipeline.Progress{
			Source: untext(r[0]), Name: untext(r[1]), Frontier: int64Of(r[3]), Line: int64Of(r[4]),
			Mark: untext(r[5]), High: int64Of(r[6]), Version: int64Of(r[8]),
		}
		if err := json.Unmarshal([]byte(r[2]), (*progress.Lanes)(&p.Lanes)); err != nil {
			return nil, fmt.Errorf("read progress of %s: lanes: %w", p.Name, err)
		}
		if err := json.Unmarshal([]byte(r[7]), &p.Rules); err != nil {
			return nil, fmt.Errorf("read progress of %s: rules: %w", p.Name, err)
		}
		all = append(all, p)
	}
	return all, nil
}

func int64Of(text string) int64 {
	n, _ := strconv.ParseInt(text, 10, 64) // the server's own spelling of a bigint
	return n
}
