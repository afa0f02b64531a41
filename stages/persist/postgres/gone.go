package postgres

import (
	"context"

	"sluice/stages/persist/progress"
)

// An ordinary table into which no row ever went, or that was truncated since, has
// no pages. Looking at those takes no right on the table.
const neverFilled = `SELECT 1 FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'r' AND pg_relation_size(oid) = 0`

// heed compares the table of the rows with the progress that vouches for what is
// in it. When the table had to be made it is a *progress.Gone, unless the progress
// is to go then. It stands in the transaction that makes tables; the warning is for
// when that is committed.
func (d *DB) heed(ctx context.Context, made bool) (warning string, err error) {
	all, err := d.allProgress(ctx)
	sources := progress.Vouching(all)
	if err != nil || len(sources) == 0 {
		return "", err
	}
	place := d.rows.name.beside(ProgressTable)
	gone := &progress.Gone{
		Database: d.place, Table: d.rows.name.String(), Progress: place.String(), Sources: sources,
		Forget: "DELETE FROM " + place.String() + " WHERE rows_table = " + literal(d.rows.name.table) + ";",
	}
	switch {
	case made && !d.cfg.Forget:
		return "", gone
	case made:
		return gone.Forgotten(), execute(ctx, d.conn, gone.Forget)
	case d.cfg.Forget:
		return "", nil
	}
	empty, err := query(ctx, d.conn, neverFilled, d.rows.name.String())
	if len(empty) > 0 {
		warning = gone.Empty()
	}
	return warning, err
}
