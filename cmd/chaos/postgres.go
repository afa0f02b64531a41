//go:build unix

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"sluice/stages/persist/postgrestest"
)

// server is one PostgreSQL for all cases, with a proxy before it.
type server struct {
	*postgrestest.Instance
	proxy *postgrestest.Proxy
}

func newServer() (*server, error) {
	i, err := postgrestest.NewInstance("autovacuum=off")
	if err != nil {
		return nil, err
	}
	s := &server{Instance: i}
	if err := i.Start(); err != nil {
		return nil, errors.Join(err, i.Remove())
	}
	if s.proxy, err = i.NewProxy(); err != nil {
		return nil, errors.Join(err, i.Remove())
	}
	return s, nil
}

func (s *server) remove() error { return errors.Join(s.proxy.Close(), s.Remove()) }

// postgresSink is a schema of the server.
type postgresSink struct {
	server  *server
	schema  string
	address string // straight to the server

	dir      string
	deadFile bool // where the dead letters are
}

// newPostgresSink makes the schema. Where the table has no serial number of its
// own it is made beforehand, with one: rows have no order else.
func newPostgresSink(s *server, schema string, l layout, dir string, deadFile bool) (*postgresSink, error) {
	p := &postgresSink{server: s, schema: schema, address: postgrestest.InSchema(s.URL("postgres"), schema), dir: dir, deadFile: deadFile}
	conn, err := pgx.Connect(context.Background(), s.URL("postgres"))
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.Background())
	statements := []string{"CREATE SCHEMA " + schema}
	switch {
	case l == layoutColumns:
		statements = append(statements, "CREATE TABLE "+schema+".t (n bigint, level text, line text, seq bigserial)")
	case l.keyed():
		statements = append(statements, "CREATE TABLE "+schema+".t (k bigint PRIMARY KEY, n bigint, level text, line text, seq bigserial)")
	}
	for _, sql := range statements {
		if _, err := conn.Exec(context.Background(), sql); err != nil {
			return nil, fmt.Errorf("%s: %w", sql, err)
		}
	}
	return p, nil
}

func (p *postgresSink) url() string {
	return postgrestest.InSchema(p.server.proxy.URL("postgres"), p.schema)
}

func (p *postgresSink) facts() (byValue, repeats bool) { return true, false }

func (p *postgresSink) read(l layout) (st stored, err error) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, p.address)
	if err != nil {
		return st, err
	}
	defer conn.Close(ctx)
	rows := "SELECT line, '' FROM t ORDER BY seq"
	if l == layoutWhole {
		rows = "SELECT data::text, lane FROM records ORDER BY id"
	}
	var text, lane string
	result, err := conn.Query(ctx, rows)
	if err != nil {
		return st, err
	}
	_, err = pgx.ForEachRow(result, []any{&text, &lane}, func() error {
		st.rows = append(st.rows, storedRow{text, lane})
		return nil
	})
	if err != nil {
		return st, err
	}
	if p.deadFile {
		return st, st.readDeadFile(p.dir)
	}
	var code, encoding string
	result, err = conn.Query(ctx, "SELECT code, lane, record, coalesce(record_encoding, '') FROM dead_letters ORDER BY id")
	if err != nil {
		return st, err
	}
	_, err = pgx.ForEachRow(result, []any{&code, &lane, &text, &encoding}, func() error {
		d, err := newLetter(code, lane, text, encoding)
		st.dead = append(st.dead, d)
		return err
	})
	return st, err
}

// close drops the schema.
func (p *postgresSink) close() error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, p.server.URL("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "SET client_min_messages = error; DROP SCHEMA "+p.schema+" CASCADE")
	return err
}
