package persist

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// found is what lies in a sink: records in their order.
type found struct {
	c       powerCase
	rows    []powerRow
	letters []powerRow
}

// powerRow is a row, or the record of a dead letter.
type powerRow struct {
	N     int64  `json:"n"`
	Lane  string `json:"lane"`
	Value *int64 `json:"value"`
	Pad   string `json:"pad"`

	code string // of a dead letter
}

// look reads what is in the sink.
func (r *powerRun) look() (*found, error) {
	f := &found{c: r.world.c}
	var err error
	if strings.HasPrefix(f.c.sink, "sqlite") {
		err = f.readDatabase(filepath.Join(r.dir, "out.db"))
	} else {
		err = f.readRows(r.dir)
	}
	if err == nil && (f.c.deadLetters != "" || !strings.HasPrefix(f.c.sink, "sqlite")) {
		name := f.c.deadLetters
		if name == "" {
			name = DefaultDeadLetters
		}
		err = f.readLetters(filepath.Join(r.dir, name))
	}
	return f, err
}

func (f *found) readDatabase(path string) (err error) {
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	read := func(sql string, take func(*sqlite.Stmt) error) {
		if err == nil {
			err = sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: take})
		}
	}
	read("SELECT n, lane, value, pad FROM events ORDER BY rowid", func(s *sqlite.Stmt) error {
		f.rows = append(f.rows, powerRow{N: s.ColumnInt64(0), Lane: s.ColumnText(1), Value: new(s.ColumnInt64(2)), Pad: s.ColumnText(3)})
		return nil
	})
	if f.c.deadLetters == "" {
		read("SELECT record, lane, code FROM dead_letters ORDER BY id", func(s *sqlite.Stmt) error {
			f.letters = append(f.letters, powerRow{N: numberOf([]byte(s.ColumnText(0))), Lane: s.ColumnText(1), Pad: s.ColumnText(0), code: s.ColumnText(2)})
			return nil
		})
	}
	read("PRAGMA integrity_check", func(s *sqlite.Stmt) error {
		if text := s.ColumnText(0); text != "ok" {
			return fmt.Errorf("the database is damaged: %s", text)
		}
		return nil
	})
	return err
}

// readRows reads all files of rows, finished ones first.
func (f *found) readRows(dir string) error {
	finished, err := filepath.Glob(filepath.Join(dir, "out-*"))
	if err != nil {
		return err
	}
	plain, err := filepath.Glob(filepath.Join(dir, "out.ndjson*"))
	if err != nil {
		return err
	}
	for _, path := range append(finished, plain...) {
		if ext := filepath.Ext(path); ext == ".json" || ext == ".lock" || ext == ".tmp" {
			continue
		}
		text, err := os.ReadFile(path)
		if err == nil {
			text, err = unpack(text)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if err := eachLine(path, text, func(line []byte) error {
			var row powerRow
			err := json.Unmarshal(line, &row)
			f.rows = append(f.rows, row)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func (f *found) readLetters(path string) error {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return eachLine(path, text, func(line []byte) error {
		var letter struct{ Record, Lane, Code string }
		err := json.Unmarshal(line, &letter)
		f.letters = append(f.letters, powerRow{N: numberOf([]byte(letter.Record)), Lane: letter.Lane, Pad: letter.Record, code: letter.Code})
		return err
	})
}

func eachLine(path string, text []byte, visit func([]byte) error) error {
	for line := range bytes.Lines(text) {
		err := visit(line)
		if err == nil && line[len(line)-1] != '\n' {
			err = errors.New("has no end")
		}
		if err != nil {
			return fmt.Errorf("%s: line %.100q: %w", path, line, err)
		}
	}
	return nil
}

// times says how often a record is there.
func (f *found) times(n int64) (times int) {
	for _, r := range f.rows {
		if r.N == n {
			times++
		}
	}
	for _, l := range f.letters {
		if l.N == n {
			times++
		}
	}
	return times
}

// doubles returns how many are there more than once.
func (f *found) doubles() (n int) {
	return len(f.rows) + len(f.letters) - powerRecords
}

// check checks what holds at any time: all is whole, what is promised once is there
// once, and the order of each lane is kept.
func (f *found) check() error {
	var errs []error
	for _, r := range f.rows {
		if r.Value == nil || *r.Value != 7*r.N || r.Pad != powerPad(r.N) || r.Lane != powerLaneOf(r.N) ||
			fateOf(r.N) != stored && (fateOf(r.N) != refused || !f.c.replays) {
			errs = append(errs, fmt.Errorf("a row is not what came in: %+v", r))
		}
	}
	for _, l := range f.letters {
		if l.Pad+"\n" != powerLine(int(l.N)) || fateOf(l.N) == stored {
			errs = append(errs, fmt.Errorf("a dead letter is not what came in: %+v", l))
		}
	}
	if f.c.exactly {
		once := f.rows
		if f.c.deadLetters == "" {
			once = slices.Concat(f.rows, f.letters)
		}
		seen := map[int64]bool{}
		for _, r := range once {
			if seen[r.N] {
				errs = append(errs, fmt.Errorf("record %d is there twice", r.N))
			}
			seen[r.N] = true
		}
	}
	return errors.Join(append(errs, f.ordered(f.rows), f.ordered(f.letters))...)
}

// ordered is an error unless the records of each lane, where each first comes, stand in
// the order they came in: of the file, or of one post. Replayed ones come late.
func (f *found) ordered(all []powerRow) error {
	type queue struct {
		lane string
		post int64
	}
	last, seen := map[queue]int64{}, map[int64]bool{}
	for _, r := range all {
		q := queue{lane: r.Lane}
		if f.c.posts {
			q.post = r.N / powerPost
		}
		if seen[r.N] || f.c.replays && fateOf(r.N) == refused {
			continue
		}
		if before, ok := last[q]; ok && before > r.N {
			return fmt.Errorf("record %d of lane %s comes after %d", r.N, r.Lane, before)
		}
		last[q], seen[r.N] = r.N, true
	}
	return nil
}

// checkWhole checks what holds when all has come in; before is what was settled by an
// earlier run. A sender who has his answer does not post again what was taken back.
func (f *found) checkWhole(before []int64) error {
	errs := []error{f.check()}
	rows, letters := map[int64]bool{}, map[int64]bool{}
	for _, r := range f.rows {
		rows[r.N] = true
	}
	for _, l := range f.letters {
		letters[l.N] = true
	}
	for n := range int64(powerRecords) {
		want := fateOf(n) == stored || f.c.replays && fateOf(n) == refused
		if f.c.posts && !f.c.keeps && slices.Contains(before, n) && !rows[n] && !letters[n] {
			continue
		}
		if rows[n] != want || letters[n] == want {
			errs = append(errs, fmt.Errorf("record %d: a row: %v, a dead letter: %v; expected a row: %v", n, rows[n], letters[n], want))
		}
	}
	return errors.Join(errs...)
}
