package sqlite

import (
	"encoding/json"
	"fmt"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/progress"
	"sluice/stages/persist/row"
)

// moves are the statements that move progress. Each changes a row only if it
// is still as this process left it.
type moves struct {
	first *sqlite.Stmt // for a source the table does not know
	next  *sqlite.Stmt
}

func (m *moves) prepare(conn *sqlite.Conn) (err error) {
	m.first, err = conn.Prepare(`INSERT INTO sluice_progress
		(rows_table, source, name, lanes, frontier, line, mark, high, rules, updated_at, version)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 + 1) ON CONFLICT DO NOTHING`)
	if err != nil {
		return err
	}
	m.next, err = conn.Prepare(`UPDATE sluice_progress SET name = ?3, lanes = ?4, frontier = ?5, line = ?6, mark = ?7,
		high = ?8, rules = ?9, updated_at = ?10, version = ?11 + 1
		WHERE rows_table = ?1 AND source = ?2 AND version = ?11`)
	return err
}

// move stores how far a source has come; an error that wraps
// pipeline.ErrFenced says that another process did so since.
func (m *moves) move(d *DB, p *pipeline.Progress) error {
	lanes, err := progress.Lanes(p.Lanes).MarshalJSON()
	if err != nil {
		return fmt.Errorf("store progress: %w", err)
	}
	rules, err := json.Marshal(p.Rules)
	if err != nil {
		return fmt.Errorf("store progress: %w", err)
	}
	last := d.fence.Last(p)
	s := m.next
	if last == 0 {
		s = m.first
	}
	s.BindText(1, d.cfg.Table)
	s.BindText(2, p.Source)
	s.BindText(3, p.Name)
	s.BindText(4, string(lanes))
	s.BindInt64(5, p.Frontier)
	s.BindInt64(6, p.Line)
	s.BindText(7, p.Mark)
	s.BindInt64(8, p.High)
	s.BindText(9, string(rules))
	s.BindText(10, d.cfg.Now().UTC().Format(row.TimeFormat))
	s.BindInt64(11, last)
	if err := run(s); err != nil {
		return fmt.Errorf("store progress: %w", err)
	}
	if d.conn.Changes() == 0 {
		return progress.Fenced(p, d.cfg.Path)
	}
	return nil
}

// all reads the progress of every source into one table.
func (m *moves) all(conn *sqlite.Conn, rowsTable string) (all []pipeline.Progress, err error) {
	err = query(conn, `SELECT source, name, lanes, frontier, line, mark, high, rules, version
		FROM sluice_progress WHERE rows_table = ? ORDER BY source`, func(s *sqlite.Stmt) error {
		p := pipeline.Progress{
			Source: s.ColumnText(0), Name: s.ColumnText(1), Frontier: s.ColumnInt64(3), Line: s.ColumnInt64(4),
			Mark: s.ColumnText(5), High: s.ColumnInt64(6), Version: s.ColumnInt64(8),
		}
		if err := json.Unmarshal([]byte(s.ColumnText(2)), (*progress.Lanes)(&p.Lanes)); err != nil {
			return fmt.Errorf("read progress of %s: lanes: %w", p.Name, err)
		}
		if err := json.Unmarshal([]byte(s.ColumnText(7)), &p.Rules); err != nil {
			return fmt.Errorf("read progress of %s: rules: %w", p.Name, err)
		}
		all = append(all, p)
		return nil
	}, rowsTable)
	return all, err
}
