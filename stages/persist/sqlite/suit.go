package sqlite

import (
	"errors"
	"fmt"

	"sluice/stages/persist/progress"
)

// absentError says that a table is gone.
type absentError struct {
	file  string
	table table
	rows  bool // it is that of the rows
}

func (e *absentError) Error() string {
	text := fmt.Sprintf("table %s of %s is gone; create it again: %s;", e.table.name, e.file, e.table.create())
	if e.rows {
		text += progress.Restore
	}
	return text
}

// suit compares the tables again when somebody has changed the schema since it
// was done last. It stands within the transaction, so what it finds holds until
// the end.
func (d *DB) suit() error {
	if _, err := d.schema.Step(); err != nil {
		return errors.Join(err, d.schema.Reset())
	}
	version := d.schema.ColumnInt64(0)
	if err := d.schema.Reset(); err != nil || version == d.version {
		return err
	}
	var misfits []error
	for i, t := range d.cfg.tables() {
		have, err := inspect(d.conn, t.name)
		if err != nil {
			return err
		}
		if have.kind == "" {
			misfits = append(misfits, &absentError{d.cfg.Path, t, i == 0})
		} else {
			misfits = append(misfits, differences(d.cfg.Path, t, have))
		}
	}
	if err := errors.Join(misfits...); err != nil {
		return err
	}
	d.version = version
	return nil
}
