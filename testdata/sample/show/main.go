// Show prints what a run over the sample has left in its database: each query
// and its answer. It needs no sqlite3 command.
//
//	go run ./testdata/sample/show bin/sample/events.db
package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

var queries = []string{
	`SELECT CASE level WHEN 'fatal' THEN 'critical' WHEN 'error' THEN 'high'
            WHEN 'debug' THEN 'low' ELSE 'normal' END AS lane,
       count(*) AS "rows", sum(slow) AS slow, count(DISTINCT region) AS regions
FROM events GROUP BY lane ORDER BY instr('critical high normal low', lane)`,
	`SELECT code, stage, count(*) AS letters FROM dead_letters
GROUP BY code, stage ORDER BY letters DESC, code`,
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: show events.db")
		os.Exit(2)
	}
	if err := show(os.Stdout, os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "show:", err)
		os.Exit(1)
	}
}

func show(w io.Writer, path string) error {
	db, err := sqlite.OpenConn(path, sqlite.OpenReadOnly)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer db.Close()
	for _, query := range queries {
		if err := answer(w, db, query); err != nil {
			return fmt.Errorf("query %s: %w", path, err)
		}
	}
	return nil
}

// answer prints a query and its rows as a table.
func answer(w io.Writer, db *sqlite.Conn, query string) error {
	fmt.Fprintf(w, "\n%s;\n\n", query)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	first := true
	err := sqlitex.ExecuteTransient(db, query, &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
		names, values := make([]string, row.ColumnCount()), make([]string, row.ColumnCount())
		for i := range values {
			names[i], values[i] = row.ColumnName(i), row.ColumnText(i)
		}
		if first {
			fmt.Fprintf(table, "  %s\n", strings.Join(names, "\t"))
			first = false
		}
		_, err := fmt.Fprintf(table, "  %s\n", strings.Join(values, "\t"))
		return err
	}})
	if err != nil {
		return err
	}
	return table.Flush()
}
