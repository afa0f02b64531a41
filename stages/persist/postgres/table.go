package postgres

import (
	"fmt"
	"slices"
	"strings"

	"sluice/stages/persist/row"
)

// Names of the tables that are sluice's own, in the schema of the rows.
const (
	DeadLettersTable = "dead_letters"
	ProgressTable    = "sluice_progress"
	CommitsTable     = "sluice_commits"
)

// column is a column as sluice needs it.
type column struct {
	name string
	typ  row.Type
	raw  bool // the line as it came in
}

// table is a table as sluice needs it.
type table struct {
	name    name
	serial  bool // has id first, which numbers the rows
	columns []column
	keys    []string // columns of the key

	conflict row.Conflict // what becomes of a row whose key is there
}

// tableOf returns the table for a layout.
func tableOf(n name, l *row.Layout, conflict row.Conflict) table {
	t := table{name: n, serial: l.Serial(), keys: l.Keys(), conflict: conflict}
	for i := range l.Width() {
		c := l.Column(i)
		t.columns = append(t.columns, column{c.Name, c.Type, l.IsRaw(i)})
	}
	return t
}

var deadLettersColumns = []column{
	{name: "stage", typ: row.TypeText}, {name: "code", typ: row.TypeText}, {name: "pointer", typ: row.TypeText}, {name: "message", typ: row.TypeText},
	{name: "attempts", typ: row.TypeInteger}, {name: "lane", typ: row.TypeText}, {name: "source", typ: row.TypeText}, {name: "position", typ: row.TypeInteger},
	{name: "at", typ: row.TypeTimestamp}, {name: "record", typ: row.TypeText}, {name: "record_encoding", typ: row.TypeText},
	{name: "errors", typ: row.TypeText}, {name: "rows_table", typ: row.TypeText},
}

// progressColumns: one row for each source and table of rows. Two tables of
// one database may be filled from the same source.
var progressColumns = []column{
	{name: "rows_table", typ: row.TypeText}, {name: "source", typ: row.TypeText}, {name: "name", typ: row.TypeText}, {name: "lanes", typ: row.TypeJSON},
	{name: "frontier", typ: row.TypeInteger}, {name: "line", typ: row.TypeInteger}, {name: "mark", typ: row.TypeText}, {name: "high", typ: row.TypeInteger},
	{name: "rules", typ: row.TypeJSON}, {name: "version", typ: row.TypeInteger}, {name: "updated_at", typ: row.TypeTimestamp},
}

// commitsColumns: one row for each process that stores groups without progress,
// with the number of the last one.
var commitsColumns = []column{
	{name: "instance", typ: row.TypeUUID}, {name: "serial", typ: row.TypeInteger}, {name: "at", typ: row.TypeTimestamp},
}

// own returns sluice's own tables beside the rows.
func own(rows name, dead bool) []table {
	tables := []table{
		{name: rows.beside(ProgressTable), columns: progressColumns, keys: []string{"rows_table", "source"}},
		{name: rows.beside(CommitsTable), columns: commitsColumns, keys: []string{"instance"}},
	}
	if dead {
		tables = append(tables, table{name: rows.beside(DeadLettersTable), serial: true, columns: deadLettersColumns})
	}
	return tables
}

// names returns the columns' names, the serial one not among them.
func (t table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// create returns the CREATE TABLE.
func (t table) create() string {
	var parts []string
	if t.serial {
		parts = append(parts, `"id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY`)
	}
	for _, c := range t.columns {
		part := quote(c.name) + " " + declared(c.typ)
		if slices.Contains(t.keys, c.name) {
			part += " NOT NULL"
		}
		parts = append(parts, part)
	}
	if len(t.keys) > 0 {
		parts = append(parts, "PRIMARY KEY ("+quoteAll(t.keys)+")")
	}
	return "CREATE TABLE " + t.name.String() + " (" + strings.Join(parts, ", ") + ")"
}

// copyInto returns the COPY for a table's columns.
func copyInto(table string, columns []string) string {
	return "COPY " + table + " (" + quoteAll(columns) + ") FROM STDIN (FORMAT binary)"
}

// arrivals is an upsert's temporary table: rows arrive there first.
const arrivals = "pg_temp.sluice_arrivals"

// createArrivals returns the statements that make the arrivals: the columns as the
// table has them, with the lengths and collations by which keys are compared.
func (t table) createArrivals() []string {
	create := []string{"DROP TABLE IF EXISTS " + arrivals,
		"CREATE TEMPORARY TABLE sluice_arrivals ON COMMIT DELETE ROWS AS SELECT " + quoteAll(t.names()) + " FROM " + t.name.String() + " WITH NO DATA"}
	if t.tells() {
		create = append(create, "ALTER TABLE "+arrivals+" ADD COLUMN "+t.ordinal()+" bigint GENERATED ALWAYS AS IDENTITY")
	}
	return create
}

// upsert returns the statement that moves the arrivals into the table. Unless the
// table has another way with conflicts, a row of the same key takes the new values;
// no two arrivals may have one key then.
func (t table) upsert() string {
	if t.tells() {
		return t.putNew()
	}
	columns := quoteAll(t.names())
	return "INSERT INTO " + t.name.String() + " (" + columns + ") SELECT " + columns + " FROM " + arrivals + t.onConflict()
}

// putOne returns the statement that puts one row into the table, its values as
// parameters.
func (t table) putOne() string {
	values := make([]string, len(t.columns))
	for i := range values {
		values[i] = fmt.Sprintf("$%d", i+1)
	}
	return "INSERT INTO " + t.name.String() + " (" + quoteAll(t.names()) + ") VALUES (" + strings.Join(values, ", ") + ")" + t.onConflict()
}

// onConflict says what becomes of a row whose key is there.
func (t table) onConflict() string {
	sql := " ON CONFLICT (" + quoteAll(t.keys) + ") DO "
	var sets []string
	for _, c := range t.columns {
		if !slices.Contains(t.keys, c.name) {
			sets = append(sets, quote(c.name)+" = excluded."+quote(c.name))
		}
	}
	if len(sets) == 0 || t.tells() {
		return sql + "NOTHING"
	}
	return sql + "UPDATE SET " + strings.Join(sets, ", ")
}
