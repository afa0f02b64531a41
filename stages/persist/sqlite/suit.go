package sqlite

import (
	"errors"
	"fmt"
)

// absentError says that a table is gone.
type absentError struct {
	file  string
	table table
}

func (e *absentError) Error() string {
	return fmt.Sprintf("table %s of %s is gone; create it again: %s;", e.table.name, e.file, e.table.create())
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
	for _, t := range d.cfg.tables() {
		have, err := inspect(d.conn, t.name)
		if err != nil {
			return err
		}
		if have.kind == "" {
			misfits = append(misfits, &absentError{d.cfg.Path, t})
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
