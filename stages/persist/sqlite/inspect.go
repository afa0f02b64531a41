package sqlite

import (
	"strings"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// present is a table as the database has it.
type present struct {
	kind    string // table, view or virtual, as table_list says; "" when there is none
	columns []presentColumn
	uniques [][]string // columns of each unique index that an upsert can use
	indexed map[string]bool
}

type presentColumn struct {
	name     string
	declared string
	notNull  bool
	fallback bool // has a default
	primary  int  // place in the primary key, from 1
	made     bool // generated
}

// inspect reads what the database knows of a table. It changes nothing.
func inspect(conn *sqlite.Conn, name string) (p present, err error) {
	p.indexed = map[string]bool{}
	err = query(conn, `SELECT type FROM pragma_table_list(?) WHERE schema = 'main'`, func(s *sqlite.Stmt) error {
		p.kind = s.ColumnText(0)
		return nil
	}, name)
	if err != nil || p.kind == "" {
		return p, err
	}
	err = query(conn, `SELECT name, type, "notnull", dflt_value IS NOT NULL, pk, hidden FROM pragma_table_xinfo(?)`, func(s *sqlite.Stmt) error {
		p.columns = append(p.columns, presentColumn{
			name: s.ColumnText(0), declared: s.ColumnText(1), notNull: s.ColumnBool(2),
			fallback: s.ColumnBool(3), primary: s.ColumnInt(4), made: s.ColumnInt(5) > 1,
		})
		return nil
	}, name)
	if err != nil {
		return p, err
	}
	return p, p.inspectIndexes(conn, name)
}

// nameOf returns the name under which the database has a table: SQLite takes names
// that differ in upper and lower case for one. A table that is absent has the name
// that is asked for.
func nameOf(conn *sqlite.Conn, table string) (string, error) {
	name := table
	err := query(conn, `SELECT name FROM pragma_table_list(?) WHERE schema = 'main'`, func(s *sqlite.Stmt) error {
		name = s.ColumnText(0)
		return nil
	}, table)
	return name, err
}

func (p *present) inspectIndexes(conn *sqlite.Conn, name string) error {
	var unique []string
	var primary []string
	err := query(conn, `SELECT name, "unique" AND NOT partial FROM pragma_index_list(?)`, func(s *sqlite.Stmt) error {
		if s.ColumnBool(1) {
			unique = append(unique, s.ColumnText(0))
			return nil
		}
		return p.readIndex(conn, s.ColumnText(0), false)
	}, name)
	if err != nil {
		return err
	}
	for _, index := range unique {
		if err := p.readIndex(conn, index, true); err != nil {
			return err
		}
	}
	for _, c := range p.columns {
		if c.primary > 0 {
			primary = append(primary, c.name)
			p.indexed[strings.ToLower(c.name)] = true
		}
	}
	if len(primary) == 1 { // also an integer primary key, which has no index of its own
		p.uniques = append(p.uniques, primary)
	}
	return nil
}

// readIndex notes the columns of an index. One over an expression, or with
// another collation, cannot serve an upsert.
func (p *present) readIndex(conn *sqlite.Conn, index string, unique bool) error {
	var columns []string
	plain := true
	err := query(conn, `SELECT name, coll FROM pragma_index_xinfo(?) WHERE key`, func(s *sqlite.Stmt) error {
		plain = plain && !s.ColumnIsNull(0) && s.ColumnText(1) == "BINARY"
		columns = append(columns, s.ColumnText(0))
		p.indexed[strings.ToLower(s.ColumnText(0))] = true
		return nil
	}, index)
	if unique && plain {
		p.uniques = append(p.uniques, columns)
	}
	return err
}

// query runs a statement that is needed once.
func query(conn *sqlite.Conn, sql string, each func(*sqlite.Stmt) error, args ...any) error {
	return sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{Args: args, ResultFunc: each})
}

// affinity returns the affinity of a declared type (sqlite.org/datatype3.html, 3.1).
func affinity(declared string) string {
	d := strings.ToUpper(declared)
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(d, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("INT"):
		return "INTEGER"
	case has("CHAR", "CLOB", "TEXT"):
		return "TEXT"
	case d == "" || has("BLOB"), d == "ANY":
		return "BLOB"
	case has("REAL", "FLOA", "DOUB"):
		return "REAL"
	default:
		return "NUMERIC"
	}
}
