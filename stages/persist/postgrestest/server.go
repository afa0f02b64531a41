//go:build unix

package postgrestest

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// User is the superuser of every server; it needs no password.
const User = "sluice"

// Server is one PostgreSQL server as one test uses it, by one goroutine at a
// time. What fails ends the test.
type Server struct {
	tb testing.TB
	*Instance
}

// settings hold unless a test has others. Nothing is synced: no test takes the
// power away.
var settings = []string{"fsync=off", "max_connections=30"}

// Start starts a server with the given settings beside the usual ones, such as
// "fsync=on", and ends it with the test.
func Start(tb testing.TB, more ...string) *Server {
	tb.Helper()
	i, err := newInstance(Programs(tb), append(settings[:len(settings):len(settings)], more...))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := i.Remove(); err != nil {
			tb.Error(err)
		}
	})
	s := &Server{tb, i}
	s.Start()
	return s
}

// Shared is a server for all tests of a package, which is started by the first
// that asks. TestMain stops it.
type Shared struct {
	mu       sync.Mutex // guards what follows
	instance *Instance
}

// Server returns the server for a test, which takes a database of its own.
func (s *Shared) Server(tb testing.TB) *Server {
	tb.Helper()
	bin := Programs(tb)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.instance == nil {
		i, err := newInstance(bin, settings)
		if err != nil {
			tb.Fatal(err)
		}
		s.instance = i
		if err := i.Start(); err != nil {
			tb.Fatal(err)
		}
	}
	return &Server{tb, s.instance}
}

// Stop ends the server, if there is one, and removes its files.
func (s *Shared) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.instance == nil {
		return nil
	}
	return s.instance.Remove()
}

// Bin is the directory of PostgreSQL's programs, psql among them.
func (s *Server) Bin() string { return s.bin }

// Start starts the server after Stop, and returns when it takes connections.
func (s *Server) Start() {
	s.tb.Helper()
	if err := s.Instance.Start(); err != nil {
		s.tb.Fatal(err)
	}
}

// How to stop.
const (
	Fast      = syscall.SIGINT  // ends connections and writes all to the files
	Immediate = syscall.SIGQUIT // as if the power had gone; the next start recovers
)

// Stop stops the server and returns when it has ended.
func (s *Server) Stop(how syscall.Signal) {
	s.tb.Helper()
	if err := s.Instance.Stop(how); err != nil {
		s.tb.Fatal(err)
	}
}

// Database makes a new database and returns its URL.
func (s *Server) Database(name string) string {
	s.tb.Helper()
	s.Exec(s.URL("postgres"), fmt.Sprintf(`CREATE DATABASE %q TEMPLATE template0`, name))
	return s.URL(name)
}

// Schema makes a new schema in the database postgres and returns a URL in which
// names are looked for there. It is ready much sooner than a database.
func (s *Server) Schema(name string) string {
	s.tb.Helper()
	s.Exec(s.URL("postgres"), fmt.Sprintf(`CREATE SCHEMA %q`, name))
	return InSchema(s.URL("postgres"), name)
}

// InSchema returns a URL in which names are looked for in a schema.
func InSchema(address, schema string) string {
	return address + "&search_path=" + url.QueryEscape(schema)
}

// URL returns the URL of a database for a user, at a server with its socket in
// dir.
func URL(dir, user, database string) string {
	return fmt.Sprintf("postgres://%s@/%s?host=%s&sslmode=disable", url.PathEscape(user), url.PathEscape(database), url.QueryEscape(dir))
}

// Query executes SQL and returns the rows of its last statement, each value as text with NULL
// as "NULL", separated by blanks.
func (s *Server) Query(address, sql string) (rows []string) {
	s.tb.Helper()
	ctx := context.Background()
	conn, err := pgconn.Connect(ctx, address)
	if err != nil {
		s.tb.Fatal(err)
	}
	defer conn.Close(ctx)
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		s.tb.Fatalf("%s: %v", sql, err)
	}
	if len(results) == 0 {
		return nil
	}
	for _, r := range results[len(results)-1].Rows {
		cells := make([]string, len(r))
		for i, v := range r {
			if cells[i] = string(v); v == nil {
				cells[i] = "NULL"
			}
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return rows
}

// Exec executes SQL statements.
func (s *Server) Exec(address string, sql ...string) {
	s.tb.Helper()
	for _, statement := range sql {
		s.Query(address, statement)
	}
}
