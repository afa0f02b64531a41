package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
	"sluice/stages/crash"
	"sluice/stages/persist/deadletter"
)

// begins is what begins a transaction in front of the first statement.
const begins = "BEGIN; "

// claim begins the transaction of a group with replayed records, holds their
// letters, and takes the records out whose letters are gone: somebody else has
// replayed or purged them since they were read. So it does with those of letters that
// another record of the group has: two replays go on at once. It returns what still has
// to stand before the first statement of the transaction.
func (d *DB) claim(ctx context.Context) (before string, err error) {
	records := d.replayed()
	if len(records) == 0 {
		return begins, nil
	}
	crash.Before(crash.Claim)
	if err := execute(ctx, d.conn, "BEGIN"); err != nil {
		return "", err
	}
	// In one order, so that two replays do not wait for each other.
	held, err := query(ctx, d.conn, "SELECT id FROM "+d.DeadLetters()+" WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE", idList(records))
	if err != nil {
		return "", fmt.Errorf("hold dead letters: %w", err)
	}
	there := make(map[int64]bool, len(held))
	for _, row := range held {
		there[int64Of(row[0])] = true
	}
	for _, r := range records {
		if !r.Live() {
			continue
		}
		if !there[r.Letter()] {
			r.Filter()
		}
		delete(there, r.Letter())
	}
	crash.After(crash.Claim)
	return "", nil
}

// replayed returns the records of the group whose letters are to be settled.
func (d *DB) replayed() (records []*pipeline.Record) {
	if d.cfg.DeadLetters != nil {
		return nil
	}
	for _, b := range d.batches {
		for i := 0; b.Replayed() && i < b.Len(); i++ {
			if r := b.Record(i); r.LetterFate() != pipeline.LetterStays {
				records = append(records, r)
			}
		}
	}
	return records
}

// idList writes the ids of letters as an array.
func idList(records []*pipeline.Record) string {
	list := []byte{'{'}
	for i, r := range records {
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, r.Letter(), 10)
	}
	return string(append(list, '}'))
}

// settleLetters removes the letters of the records that are settled, and gives
// those that failed again their new reason.
func (d *DB) settleLetters(ctx context.Context) error {
	records := d.replayed()
	if len(records) == 0 {
		return nil
	}
	crash.Before(crash.Letters)
	batch := &pgconn.Batch{}
	changed := map[int64]bool{}
	for _, r := range records {
		if r.LetterFate() == pipeline.LetterChanges {
			d.changeLetter(batch, r)
			changed[r.Letter()] = true
		}
	}
	gone := records[:0]
	for _, r := range records {
		// One that was taken out has no say over a letter that another record has.
		if r.Live() || r.LetterFate() == pipeline.LetterGoes && !changed[r.Letter()] {
			gone = append(gone, r)
		}
	}
	batch.ExecParams("DELETE FROM "+d.DeadLetters()+" WHERE id = ANY($1::bigint[])", [][]byte{[]byte(idList(gone))}, nil, nil, nil)
	if _, err := d.conn.ExecBatch(ctx, batch).ReadAll(); err != nil {
		return fmt.Errorf("settle dead letters: %w", broken(err))
	}
	crash.After(crash.Letters)
	return nil
}

func (d *DB) changeLetter(batch *pgconn.Batch, r *pipeline.Record) {
	reason := deadletter.Of(r, d.cfg.Now())
	var errors []byte
	if reason.Errors != "" {
		errors = []byte(clean(reason.Errors))
	}
	batch.ExecParams("UPDATE "+d.DeadLetters()+` SET stage = $2, code = $3, pointer = $4, message = $5,
		attempts = attempts + $6, at = $7, errors = $8 WHERE id = $1`, [][]byte{
		number(r.Letter()), []byte(clean(reason.Stage)), []byte(clean(reason.Code)), []byte(clean(reason.Pointer)), []byte(clean(reason.Message)),
		number(int64(reason.Attempts)), d.now(), errors,
	}, nil, nil, nil)
}

// clean makes a text for people such that a text column takes it.
func clean(s string) string {
	if isText(s) {
		return s
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
}
