package sqlite

import (
	"strings"

	"sluice/stages/persist/row"
)

// Names of the tables that are sluice's own.
const (
	DeadLettersTable = "dead_letters"
	ProgressTable    = "sluice_progress"
)

// column is a column as sluice makes it.
type column struct {
	name string
	typ  row.Type
}

// declared returns the type in CREATE TABLE. Timestamps and JSON are text to
// SQLite; a name of their own would give them numeric affinity, which changes
// text that looks like a number.
func (c column) declared() string {
	switch c.typ {
	case row.TypeInteger, row.TypeBoolean:
		return "INTEGER"
	case row.TypeReal:
		return "REAL"
	default:
		return "TEXT"
	}
}

// table is a table as sluice needs it.
type table struct {
	name    string
	serial  bool // has id INTEGER PRIMARY KEY first
	columns []column
	keys    []string // columns of the key
}

// tableOf returns the table for a layout.
func tableOf(name string, l *row.Layout) table {
	t := table{name: name, serial: l.Serial(), keys: l.Keys()}
	for i := range l.Width() {
		c := l.Column(i)
		t.columns = append(t.columns, column{c.Name, c.Type})
	}
	return t
}

var deadLetters = table{name: DeadLettersTable, serial: true, columns: []column{
	{"stage", row.TypeText}, {"code", row.TypeText}, {"pointer", row.TypeText}, {"message", row.TypeText},
	{"attempts", row.TypeInteger}, {"lane", row.TypeText}, {"source", row.TypeText}, {"position", row.TypeInteger},
	{"at", row.TypeText}, {"record", row.TypeText}, {"record_encoding", row.TypeText},
	{"errors", row.TypeJSON}, {"rows_table", row.TypeText},
}}

// progressTable has one row for each source and table of rows: two tables of
// one database may be filled from the same source.
var progressTable = table{name: ProgressTable, keys: []string{"rows_table", "source"}, columns: []column{
	{"rows_table", row.TypeText}, {"source", row.TypeText}, {"name", row.TypeText}, {"lanes", row.TypeJSON},
	{"frontier", row.TypeInteger}, {"line", row.TypeInteger}, {"mark", row.TypeText}, {"high", row.TypeInteger},
	{"rules", row.TypeJSON}, {"version", row.TypeInteger}, {"updated_at", row.TypeText},
}}

// names returns the columns' names, the serial one not among them.
func (t table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return names
}

// create returns the CREATE TABLE: an ordinary rowid table, so that the order
// of the rows is that of their commits. The key is a UNIQUE constraint, because
// an integer PRIMARY KEY would be the rowid.
func (t table) create() string {
	var parts []string
	if t.serial {
		parts = append(parts, `"id" INTEGER PRIMARY KEY`)
	}
	for _, c := range t.columns {
		var part strings.Builder
		part.WriteString(quote(c.name) + " " + c.declared())
		for _, key := range t.keys {
			if key == c.name {
				part.WriteString(" NOT NULL")
			}
		}
		parts = append(parts, part.String())
	}
	if len(t.keys) > 0 {
		parts = append(parts, "UNIQUE ("+quoteAll(t.keys)+")")
	}
	return "CREATE TABLE " + quote(t.name) + " (" + strings.Join(parts, ", ") + ")"
}

// insert returns the statement that puts in n rows, and says what becomes of
// one whose key is there.
func (t table) insert(n int, conflict row.Conflict) string {
	values := "(" + strings.TrimSuffix(strings.Repeat("?, ", len(t.columns)), ", ") + ")"
	sql := "INSERT INTO " + quote(t.name) + " (" + quoteAll(t.names()) + ") VALUES " +
		strings.TrimSuffix(strings.Repeat(values+", ", n), ", ")
	if len(t.keys) == 0 || conflict == row.ConflictDead {
		return sql
	}
	sql += " ON CONFLICT (" + quoteAll(t.keys) + ") DO "
	var sets []string
	for _, c := range t.columns {
		if !contains(t.keys, c.name) {
			sets = append(sets, quote(c.name)+" = excluded."+quote(c.name))
		}
	}
	if len(sets) == 0 || conflict == row.ConflictIgnore {
		return sql + "NOTHING"
	}
	return sql + "UPDATE SET " + strings.Join(sets, ", ")
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}
