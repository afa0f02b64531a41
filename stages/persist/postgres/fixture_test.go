package postgres

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/misfits"
	"sluice/stages/persist/postgrestest"
	"sluice/stages/persist/row"
)

// shared is the server of the tests that do not stop it; each takes a schema of
// its own.
var shared postgrestest.Shared

func TestMain(m *testing.M) {
	code := m.Run()
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

var schemas atomic.Int64

// place is a schema of a test's own, and what a sink into it is to be.
type place struct {
	testing.TB
	server *postgrestest.Server
	name   string
	url    string // past any proxy
	cfg    Config
}

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func newPlace(tb testing.TB, columns row.Columns, rest, raw string) *place {
	return placeAt(tb, shared.Server(tb), columns, rest, raw)
}

func placeAt(tb testing.TB, server *postgrestest.Server, columns row.Columns, rest, raw string) *place {
	tb.Helper()
	p := &place{TB: tb, server: server, name: fmt.Sprintf("s%d", schemas.Add(1))}
	p.url = p.server.Schema(p.name)
	layout := row.RecordLayout()
	if columns != nil {
		var err error
		if layout, err = row.NewLayout(columns, rest, raw); err != nil {
			tb.Fatal(err)
		}
	}
	p.cfg = Config{URL: p.url, Table: "events", Layout: layout, Now: func() time.Time { return noon }}
	return p
}

func (p *place) open() *DB {
	p.Helper()
	d, err := Open(p.Context(), p.cfg)
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() {
		if err := d.Close(); err != nil {
			p.Error(err)
		}
	})
	return d
}

// encode returns a batch with the rows that d is to have.
func encode(tb testing.TB, d *DB, lines ...string) *pipeline.Batch {
	tb.Helper()
	b := pipeline.NewBatch(pipeline.LaneNormal, lines...)
	if err := d.Encoder().Process(tb.Context(), b); err != nil {
		tb.Fatal(err)
	}
	return b
}

func group(batches ...*pipeline.Batch) *pipeline.Group { return &pipeline.Group{Batches: batches} }

// write stores batches and fails the test when that fails.
func (p *place) write(d *DB, batches ...*pipeline.Batch) {
	p.Helper()
	settled, err := d.Write(p.Context(), group(batches...))
	if err != nil || !settled {
		p.Fatalf("settled %v, %v", settled, err)
	}
}

// again writes a group until it is stored, as the engine does, and fails the
// test at an error that does not pass. It returns what was said meanwhile, without
// what only says that a lost transaction is not over: that takes as long as the
// server is busy.
func (p *place) again(d *DB, g *pipeline.Group) (errs []string) {
	p.Helper()
	for len(errs) < 100 {
		_, err := d.Write(p.Context(), g)
		switch {
		case err == nil:
			return errs
		case !pipeline.IsTransient(err):
			p.Fatalf("it does not pass: %v", err)
		case !errors.Is(err, errOpen):
			errs = append(errs, err.Error())
		}
	}
	p.Fatalf("still not stored: %v", errs[len(errs)-1])
	return nil
}

func (p *place) exec(sql ...string)        { p.Helper(); p.server.Exec(p.url, sql...) }
func (p *place) query(sql string) []string { p.Helper(); return p.server.Query(p.url, sql) }
func (p *place) passes(err error, want string) {
	p.Helper()
	if !pipeline.IsTransient(err) || !strings.Contains(err.Error(), want) {
		p.Errorf("got %v; expected one that passes, with %q", err, want)
	}
}

func (p *place) expect(sql string, want ...string) {
	p.Helper()
	if got := p.query(sql); !slices.Equal(got, want) {
		p.Errorf("got\n  %s\nexpected\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// mend runs what a misfit says and returns whether there was one.
func (p *place) mend(err error) {
	p.Helper()
	misfit, ok := errors.AsType[*misfits.Error](err)
	if !ok {
		p.Fatalf("got %v", err)
	}
	p.exec(misfit.Mend...)
}
