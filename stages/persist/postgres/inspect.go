package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// present is a table as the database has it.
type present struct {
	kind    string // relkind; "" when there is no such table
	columns []presentColumn
	uniques [][]string // columns of each unique index that an upsert can use
}

type presentColumn struct {
	name     string
	declared string // as format_type writes it
	oid      uint32 // as declared
	base     uint32 // the type under a domain
	modifier int32  // of the type as declared
	label    bool   // an enum, or citext: read as text is
	element  uint32 // of an array's elements
	notNull  bool
	fallback bool // has a default
	made     bool // generated, or an identity that takes no values
}

const inspectKind = `SELECT relkind FROM pg_class WHERE oid = to_regclass($1)`

const inspectColumns = `
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.atttypid, b.oid, a.atttypmod,
       CASE WHEN b.typcategory = 'A' THEN b.typelem ELSE 0 END,
       a.attnotnull OR t.typnotnull, a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL,
       a.attgenerated <> '' OR a.attidentity = 'a', b.typtype = 'e' OR b.typname = 'citext'
FROM pg_attribute a
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum`

// An index over an expression has column 0; those and partial ones cannot serve
// an upsert, nor one that is checked at the end of the transaction.
const inspectUniques = `
SELECT i.indexrelid, a.attname
FROM pg_index i
CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) AS k
JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k
WHERE i.indrelid = to_regclass($1) AND i.indisunique AND i.indimmediate AND i.indisvalid
  AND i.indpred IS NULL AND i.indexprs IS NULL
ORDER BY i.indexrelid`

// inspect reads what the database knows of a table. It changes nothing.
func inspect(ctx context.Context, conn *pgconn.PgConn, n name) (p present, err error) {
	kinds, err := query(ctx, conn, inspectKind, n.String())
	if err != nil || len(kinds) == 0 {
		return p, err
	}
	p.kind = kinds[0][0]
	columns, err := query(ctx, conn, inspectColumns, n.String())
	if err != nil {
		return p, err
	}
	for _, c := range columns {
		p.columns = append(p.columns, presentColumn{
			name: c[0], declared: c[1], oid: oid(c[2]), base: oid(c[3]), modifier: int32(int64Of(c[4])), element: oid(c[5]),
			notNull: c[6] == "t", fallback: c[7] == "t", made: c[8] == "t", label: c[9] == "t",
		})
	}
	uniques, err := query(ctx, conn, inspectUniques, n.String())
	if err != nil {
		return p, err
	}
	for i, u := range uniques {
		if i == 0 || u[0] != uniques[i-1][0] {
			p.uniques = append(p.uniques, nil)
		}
		last := len(p.uniques) - 1
		p.uniques[last] = append(p.uniques[last], u[1])
	}
	return p, nil
}

func oid(text string) uint32 {
	n, _ := strconv.ParseUint(text, 10, 32) // the server's own numbers
	return uint32(n)
}

// query runs a statement that is needed now and then, and returns its rows as
// text; NULL is "".
func query(ctx context.Context, conn *pgconn.PgConn, sql string, args ...string) ([][]string, error) {
	params := make([][]byte, len(args))
	for i, a := range args {
		params[i] = []byte(a)
	}
	result := conn.ExecParams(ctx, sql, params, nil, nil, nil).Read()
	if result.Err != nil {
		return nil, broken(result.Err)
	}
	rows := make([][]string, len(result.Rows))
	for i, r := range result.Rows {
		for _, v := range r {
			rows[i] = append(rows[i], string(v))
		}
	}
	return rows, nil
}

// execute runs statements without results.
func execute(ctx context.Context, conn *pgconn.PgConn, sql ...string) error {
	_, err := conn.Exec(ctx, strings.Join(sql, "; ")).ReadAll()
	return broken(err)
}

// kinds are the relations that are no tables, for messages.
var kinds = map[string]string{"v": "view", "m": "materialized view", "c": "composite type", "S": "sequence", "i": "index", "I": "index"}

func describeKind(relkind string) string {
	if k, ok := kinds[relkind]; ok {
		return k
	}
	return fmt.Sprintf("relation of kind %s", relkind)
}
