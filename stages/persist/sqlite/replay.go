package sqlite

import (
	"fmt"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/crash"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/row"
)

// replays are the statements that settle the letters of replayed records. They
// know a letter by its id and its record: SQLite gives the id of a letter that is
// gone to another one.
type replays struct {
	find, remove, change *sqlite.Stmt
}

func (p *replays) prepare(conn *sqlite.Conn) error {
	const letter = " WHERE id = ?1 AND record = ?2 AND record_encoding IS ?3"
	for sql, stmt := range map[string]**sqlite.Stmt{
		"SELECT 1 FROM " + DeadLettersTable + letter: &p.find,
		"DELETE FROM " + DeadLettersTable + letter:   &p.remove,
		"UPDATE " + DeadLettersTable + " SET stage = ?4, code = ?5, pointer = ?6, message = ?7, attempts = attempts + ?8, at = ?9, errors = ?10" + letter: &p.change,
	} {
		var err error
		if *stmt, err = conn.Prepare(sql); err != nil {
			return err
		}
	}
	return nil
}

// claim takes the live records out of the batches whose letters are gone: somebody
// else has replayed or purged them since they were read. So it does with those of
// letters that another record of the group has: two replays go on at once. What it finds
// holds until the end of the transaction, which has the write lock.
func (d *DB) claim(batches []*pipeline.Batch) error {
	var claimed map[int64]struct{}
	for _, b := range batches {
		if !b.Replayed() || d.cfg.DeadLetters != nil {
			continue
		}
		crash.Before(crash.Claim)
		for i := range b.Len() {
			r := b.Record(i)
			if !r.Live() {
				continue
			}
			there, err := d.replays.there(r)
			if err != nil {
				return fmt.Errorf("find dead letter: %w", err)
			}
			if _, twice := claimed[r.Letter()]; twice || !there {
				d.rows.takeOut(r)
				continue
			}
			if claimed == nil {
				claimed = map[int64]struct{}{}
			}
			claimed[r.Letter()] = struct{}{}
		}
		crash.After(crash.Claim)
	}
	return nil
}

func (p *replays) there(r *pipeline.Record) (bool, error) {
	bindLetter(p.find, r)
	there, err := p.find.Step()
	if err != nil {
		return false, err
	}
	return there, p.find.Reset()
}

// settleLetters removes the letters of those records of a batch that are settled,
// and gives those that failed again their new reason.
func (d *DB) settleLetters(b *pipeline.Batch) error {
	crash.Before(crash.Letters)
	for i := range b.Len() {
		r := b.Record(i)
		var err error
		switch fate := r.LetterFate(); {
		case fate == pipeline.LetterGoes && d.rows.wasRefused(r): // its letter is gone, or another record's
		case fate == pipeline.LetterGoes:
			bindLetter(d.replays.remove, r)
			err = run(d.replays.remove)
		case fate == pipeline.LetterChanges:
			err = d.changeLetter(r)
		}
		if err != nil {
			return fmt.Errorf("settle dead letter %d: %w", r.Letter(), err)
		}
	}
	crash.After(crash.Letters)
	return nil
}

func (d *DB) changeLetter(r *pipeline.Record) error {
	s := d.replays.change
	reason := deadletter.Of(r, d.cfg.Now())
	bindLetter(s, r)
	s.BindText(4, reason.Stage)
	s.BindText(5, reason.Code)
	s.BindText(6, reason.Pointer)
	s.BindText(7, reason.Message)
	s.BindInt64(8, int64(reason.Attempts))
	s.BindText(9, d.cfg.Now().UTC().Format(row.TimeFormat))
	bindOptional(s, 10, reason.Errors)
	return run(s)
}

// bindLetter binds what a letter is known by.
func bindLetter(s *sqlite.Stmt, r *pipeline.Record) {
	record, encoding := deadletter.Text(r.Raw())
	s.BindInt64(1, r.Letter())
	s.BindText(2, record)
	bindOptional(s, 3, encoding)
}
