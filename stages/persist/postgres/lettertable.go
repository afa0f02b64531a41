package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
)

// LetterTable is the dead letters of a table of rows, in the table beside it, apart from
// any sink that writes it. It is a deadletter.Store.
type LetterTable struct {
	conn  *pgconn.PgConn
	table name
	rows  string // the table of the rows, without its schema
	place string
}

// OpenLetters connects to the database of the rows' table.
func OpenLetters(ctx context.Context, url, table string) (*LetterTable, error) {
	n, err := parseName(table)
	if err != nil {
		return nil, err
	}
	settings, err := parseURL(url)
	if err != nil {
		return nil, err
	}
	t := &LetterTable{table: n.beside(DeadLettersTable), rows: n.table, place: fmt.Sprintf("%s at %s", settings.Database, address(settings))}
	if t.conn, err = pgconn.ConnectConfig(ctx, settings); err != nil {
		return nil, explain(err, t.place)
	}
	return t, nil
}

// LettersID names the dead letters of a table of rows: the same
// for the same server, database, search path and name, whoever asks, and without
// user and password.
func LettersID(url, table string) (string, error) {
	n, err := parseName(table)
	if err != nil {
		return "", err
	}
	settings, err := parseURL(url)
	if err != nil {
		return "", err
	}
	path := settings.RuntimeParams["search_path"] + settings.RuntimeParams["options"]
	if path != "" {
		path = " (" + path + ")"
	}
	return fmt.Sprintf("postgres %s at %s%s, of table %s", settings.Database, address(settings), path, n), nil
}

// has says whether there is a table.
func (t *LetterTable) has(ctx context.Context) (bool, error) {
	have, err := inspect(ctx, t.conn, t.table)
	return have.kind != "", explain(err, t.place)
}

// letterHead are the columns of a brief letter; a whole one has more behind them.
const (
	letterHead = `id, stage, code, pointer, message, attempts, lane, source, position,
		to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), octet_length(record)`
	letterWhole = letterHead + ", record, record_encoding, errors"
)

// Each implements deadletter.Store.
func (t *LetterTable) Each(ctx context.Context, f pipeline.LetterFilter, whole bool, visit func(*deadletter.Stored) error) error {
	if has, err := t.has(ctx); !has || err != nil {
		return err
	}
	columns := letterHead
	if whole {
		columns = letterWhole
	}
	where, args := deadletter.Where(f, t.rows)
	reader := t.conn.ExecParams(ctx, "SELECT "+columns+" FROM "+t.table.String()+where, parameters(args), nil, nil, nil)
	var stopped error
	for stopped == nil && reader.NextRow() {
		letter := letterOf(reader.Values(), whole)
		stopped = visit(&letter)
	}
	_, err := reader.Close() // it reads what is left
	switch {
	case errors.Is(stopped, deadletter.ErrEnough):
		stopped = nil
	case stopped == nil:
		stopped = t.failed(ctx, err)
	}
	return stopped
}

func letterOf(v [][]byte, whole bool) deadletter.Stored {
	s := deadletter.Stored{ID: int64Of(string(v[0])), Size: int64Of(string(v[10])), Letter: deadletter.Letter{
		Stage: string(v[1]), Code: string(v[2]), Pointer: string(v[3]), Message: string(v[4]), Attempts: int(int64Of(string(v[5]))),
		Lane: string(v[6]), Source: string(v[7]), Position: int64Of(string(v[8])), At: string(v[9]),
	}}
	if whole {
		s.Record, s.Encoding, s.Errors = string(v[11]), string(v[12]), string(v[13])
	}
	return s
}

// parameters writes the arguments of a filter as the server takes them.
func parameters(args []any) [][]byte {
	params := make([][]byte, len(args))
	for i, a := range args {
		params[i] = fmt.Append(nil, a)
	}
	return params
}

// Stats implements deadletter.Store.
func (t *LetterTable) Stats(ctx context.Context, f pipeline.LetterFilter) (all []pipeline.LetterCount, err error) {
	if has, err := t.has(ctx); !has || err != nil {
		return nil, err
	}
	where, args := deadletter.Where(f, t.rows)
	result := t.conn.ExecParams(ctx, `SELECT stage, code, lane, count(*), min(at), max(at), max(id) FROM (
		SELECT id, stage, code, lane, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at
		FROM (SELECT * FROM `+t.table.String()+where+`) AS these) AS those
		GROUP BY 1, 2, 3 ORDER BY 4 DESC, 1, 2, 3`, parameters(args), nil, nil, nil).Read()
	for _, r := range result.Rows {
		all = append(all, pipeline.LetterCount{
			Stage: string(r[0]), Code: string(r[1]), Lane: string(r[2]), Count: int64Of(string(r[3])), First: string(r[4]), Last: string(r[5]), MaxID: int64Of(string(r[6])),
		})
	}
	return all, t.failed(ctx, result.Err)
}

// Delete implements deadletter.Store. It takes the letters in the order in which a
// replay holds them, so that the two do not wait for each other.
func (t *LetterTable) Delete(ctx context.Context, f pipeline.LetterFilter) (int64, error) {
	if has, err := t.has(ctx); !has || err != nil {
		return 0, err
	}
	where, args := deadletter.Where(f, t.rows)
	table := t.table.String()
	result := t.conn.ExecParams(ctx, "DELETE FROM "+table+" WHERE id IN (SELECT id FROM "+table+where+" FOR UPDATE)", parameters(args), nil, nil, nil).Read()
	return result.CommandTag.RowsAffected(), t.failed(ctx, result.Err)
}

// failed says what was wrong.
func (t *LetterTable) failed(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	return cancelled(ctx, explain(broken(err), t.place))
}

// Close implements deadletter.Store.
func (t *LetterTable) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = t.conn.Close(ctx) // nothing is lost with it
	return nil
}

var _ deadletter.Store = (*LetterTable)(nil)
