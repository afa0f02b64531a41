package sqlite

import (
	"zombiezen.com/go/sqlite"

	"sluice/stages/persist/progress"
)

// heed compares the table of the rows with the progress that vouches for what is
// in it. When the table had to be made it is a *progress.Gone, unless the progress
// is to go then. It stands in the transaction that makes tables.
func (d *DB) heed(made bool) error {
	var m moves
	all, err := m.all(d.conn, d.cfg.Table)
	sources := progress.Vouching(all)
	if err != nil || len(sources) == 0 {
		return err
	}
	gone := &progress.Gone{
		Database: d.cfg.Path, Table: quote(d.cfg.Table), Progress: ProgressTable, Sources: sources,
		Forget: "DELETE FROM " + ProgressTable + " WHERE rows_table = " + literal(d.cfg.Table) + ";",
	}
	switch {
	case made && !d.cfg.Forget:
		return gone
	case made:
		d.warnings = append(d.warnings, gone.Forgotten())
		return query(d.conn, gone.Forget, nil)
	case d.cfg.Forget:
		return nil
	}
	return query(d.conn, "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM "+quote(d.cfg.Table)+")", func(*sqlite.Stmt) error {
		d.warnings = append(d.warnings, gone.Empty())
		return nil
	})
}
