package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/row"
)

// storeDead stores the dead records of the group.
func (d *DB) storeDead(ctx context.Context) error {
	if file := d.cfg.DeadLetters; file != nil {
		return errors.Join(file.Write(d.batches), file.Sync())
	}
	t := &d.letters
	t.data = t.data[:0]
	now := d.cfg.Now()
	for _, b := range d.batches {
		if b.Replayed() {
			continue // they have their letters
		}
		for r := range b.DeadRecords() {
			d.appendLetter(deadletter.Of(r, now))
		}
	}
	if len(t.data) == 0 {
		return nil
	}
	d.begin()
	d.parts = append(d.parts, t.data)
	err := d.copyParts(ctx, d.sql.copyDead)
	if cap(t.data) > maxKept {
		t.data = nil
	}
	if err != nil {
		return fmt.Errorf("store dead letters: %w", err)
	}
	return nil
}

// appendLetter adds a letter as a row, in the order of deadLettersColumns.
func (d *DB) appendLetter(l deadletter.Letter) {
	t := &d.letters
	t.data = binary.BigEndian.AppendUint16(t.data, uint16(len(deadLettersColumns)))
	t.appendClean(l.Stage)
	t.appendClean(l.Code)
	t.appendClean(l.Pointer)
	t.appendClean(l.Message)
	t.appendInteger(d.dead[4].format, int64(l.Attempts))
	t.appendClean(l.Lane)
	t.appendClean(l.Source)
	t.appendInteger(d.dead[7].format, l.Position)
	micros, _ := row.Timestamp([]byte(l.At))
	t.data = appendInt64(appendLength(t.data, 8), micros-epochMicros)
	t.appendClean(l.Record)
	t.appendOptional(l.Encoding)
	t.appendOptional(l.Errors)
	t.appendClean(d.rows.name.table)
}

// appendOptional adds a text for people, NULL for an empty one.
func (t *tuples) appendOptional(s string) {
	if s == "" {
		t.data = appendLength(t.data, null)
		return
	}
	t.appendClean(s)
}

// appendClean adds a text for people: what a text column cannot hold becomes
// U+FFFD.
func (t *tuples) appendClean(s string) {
	s = clean(s)
	t.data = append(appendLength(t.data, int32(len(s))), s...)
}

// isText says whether a text column takes s.
func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
