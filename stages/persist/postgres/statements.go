package postgres

import (
	"context"
	"fmt"
	"strings"
)

// statements are the SQL that each group uses.
type statements struct {
	first, next string // move the progress of a source
	mark        string // numbers a group without progress
	read        string // the progress of a source
	readMark    string
	forget      string // removes the number of this process
	expire      string // removes those of processes that have ended long ago
	copyRows    string
	copyDead    string
	upsert      string // "" without a key
	lock        string // holds the table as it is
}

// Names of the prepared ones.
const (
	preparedFirst  = "sluice_first"
	preparedNext   = "sluice_next"
	preparedMark   = "sluice_mark"
	preparedFits   = "sluice_fits"
	preparedUpsert = "sluice_upsert"
	preparedEach   = "sluice_each"
)

func newStatements(rows table, own []table) statements {
	progress, commits := rows.name.beside(ProgressTable), rows.name.beside(CommitsTable)
	s := statements{
		first: fmt.Sprintf(`INSERT INTO %s (rows_table, source, name, lanes, frontier, line, mark, high, rules, updated_at, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::bigint + 1) ON CONFLICT DO NOTHING`, progress),
		next: fmt.Sprintf(`UPDATE %s SET name = $3, lanes = $4, frontier = $5, line = $6, mark = $7,
			high = $8, rules = $9, updated_at = $10, version = $11::bigint + 1
			WHERE rows_table = $1 AND source = $2 AND version = $11::bigint`, progress),
		mark: fmt.Sprintf(`INSERT INTO %s (instance, serial, at) VALUES ($1, $2, now())
			ON CONFLICT (instance) DO UPDATE SET serial = excluded.serial, at = excluded.at`, commits),
		read: fmt.Sprintf(`SELECT source, name, lanes, frontier, line, mark, high, rules, version
			FROM %s WHERE rows_table = $1 ORDER BY source`, progress),
		readMark: fmt.Sprintf(`SELECT serial FROM %s WHERE instance = $1`, commits),
		forget:   fmt.Sprintf(`DELETE FROM %s WHERE instance = $1`, commits),
		expire:   fmt.Sprintf(`DELETE FROM %s WHERE at < now() - interval '%s'`, commits, keptCommits),
		copyRows: copyInto(rows.name.String(), rows.names()),
		copyDead: copyInto(rows.name.beside(DeadLettersTable).String(), table{columns: deadLettersColumns}.names()),
		lock:     "LOCK TABLE " + rows.name.String() + " IN ROW EXCLUSIVE MODE",
	}
	if len(rows.keys) > 0 {
		s.copyRows = copyInto(arrivals, rows.names())
		s.upsert = rows.upsert()
	}
	return s
}

// prepare makes the statements ready on the connection, in place of those that
// were made for a table that has changed.
func (d *DB) prepare(ctx context.Context) error {
	named := []struct{ name, sql string }{
		{preparedFirst, d.sql.first}, {preparedNext, d.sql.next}, {preparedMark, d.sql.mark}, {preparedFits, d.fits()},
	}
	setup := []string{"DEALLOCATE ALL"}
	if d.sql.upsert != "" {
		setup = append(setup, d.rows.createArrivals()...)
		named = append(named, struct{ name, sql string }{preparedUpsert, d.sql.upsert}, struct{ name, sql string }{preparedEach, d.rows.putOne()})
	}
	if err := execute(ctx, d.conn, setup...); err != nil {
		return err
	}
	for _, n := range named {
		if _, err := d.conn.Prepare(ctx, n.name, n.sql, nil); err != nil {
			return broken(err)
		}
	}
	return nil
}

// fits returns the query that says whether the table's columns still have the
// types that rows are encoded for, and the number of the transaction.
func (d *DB) fits() string {
	var columns []string
	for _, c := range d.plan.columns {
		columns = append(columns, fmt.Sprintf("(%s, %d, %d)", literal(c.name), c.oid, c.modifier))
	}
	return fmt.Sprintf(`SELECT count(*) = %d, txid_current() FROM pg_attribute WHERE attrelid = to_regclass(%s) AND NOT attisdropped
		AND (attname, atttypid, atttypmod) IN (%s)`, len(columns), literal(d.rows.name.String()), strings.Join(columns, ", "))
}

// literal writes a string as SQL.
func literal(s string) string {
	if strings.ContainsRune(s, '\\') {
		return ` E'` + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + `'`
	}
	return "'" + strings.ReplaceAll(s, "'", "''") + "'"
}
