package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/postgrestest"
	"sluice/stages/persist/row"
)

// moved is how far a source is after n groups.
// A COMMIT whose answer is lost is neither forgotten nor repeated, whether the
// group moves a source or not.
// A COMMIT whose answer is lost in a retry, too, is found out about, and one that
// was lost is not forgotten when the next connection fails.
// A transaction that the server is still at when the connection is gone is
// waited for: its rows can be in yet.
// Progress that another process has moved to the same version, but not to the
// same place, is not ours.
func TestAConnectionThatTheServerCutsIsMadeAnew(t *testing.T) {
	for name, columns := range map[string]row.Columns{"insert": numberColumn, "upsert": {{Name: "n", Type: "integer", Key: true}}} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, columns, "", "")
			d := p.open()
			for n := range int64(3) {
				p.exec(fmt.Sprintf("SELECT pg_terminate_backend(%d)", d.conn.PID()))
				errs := p.again(d, &pipeline.Group{Batches: []*pipeline.Batch{encode(t, d, fmt.Sprintf(`{"n":%d}`, n))}, Progress: moved(n + 1)})
				if len(errs) != 1 || !strings.HasPrefix(errs[0], "postgres at ") {
					t.Errorf("got %q", errs)
				}
			}
			p.expect("SELECT n FROM events ORDER BY n", "0", "1", "2")
		})
	}
}

func TestAServerThatStopsIsWaitedFor(t *testing.T) {
	server := postgrestest.Start(t)
	p := placeAt(t, server, numberColumn, "", "")
	d := p.open()
	p.again(d, &pipeline.Group{Batches: []*pipeline.Batch{encode(t, d, `{"n":0}`)}, Progress: moved(1)})
	server.Stop(postgrestest.Immediate)
	g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, d, `{"n":1}`)}, Progress: moved(2)}
	for range 3 {
		_, err := d.Write(t.Context(), g)
		p.passes(err, p.server.Dir())
	}
	server.Start()
	p.again(d, g)
	server.Stop(postgrestest.Fast)
	server.Start()
	p.again(d, &pipeline.Group{Batches: []*pipeline.Batch{encode(t, d, `{"n":2}`)}, Progress: moved(3)})
	p.expect("SELECT n FROM events ORDER BY ctid", "0", "1", "2")
	p.expect("SELECT version, frontier FROM sluice_progress", "3 3")
}

func TestATableThatIsDroppedIsWaitedFor(t *testing.T) {
	for _, table := range []string{"events", DeadLettersTable, ProgressTable} {
		t.Run(table, func(t *testing.T) {
			p := newPlace(t, keyedColumns, "", "")
			d := p.open()
			p.write(d, encode(t, d, `{"a":"x","b":1}`))
			p.exec("ALTER TABLE " + table + " RENAME TO away")
			g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, d, `{"a":"y","b":2}`, `{"a":{}}`)}, Progress: moved(1)}
			for range 2 {
				_, err := d.Write(t.Context(), g)
				p.passes(err, `table "`+table+`" is gone; create it again: CREATE TABLE "`+table+`"`)
			}
			p.exec("ALTER TABLE away RENAME TO " + table)
			p.again(d, g)
			p.expect("SELECT a FROM events ORDER BY a", "x", "y")
			p.expect("SELECT record FROM dead_letters", `{"a":{}}`)
		})
	}
}

// What was encoded for other types is encoded again, or waits for a table that
// fits.
func TestAColumnThatChangesTakesNothingAlong(t *testing.T) {
	for name, c := range map[string]struct {
		change, back string
		wait         string // what is said meanwhile; "" when it goes on at once
		want         string
	}{
		"another type of the same bytes":     {"ALTER COLUMN n TYPE double precision", "ALTER COLUMN n TYPE bigint", "column n is double precision; expected bigint", "0 1"},
		"another type that takes the values": {"ALTER COLUMN n TYPE smallint", "", "", "0 1"},
		"a type that does not":               {"ALTER COLUMN n TYPE boolean USING true", "ALTER COLUMN n TYPE integer USING 0", "column n is boolean", "0 1"},
		"a column that is gone":              {"DROP COLUMN n", "ADD COLUMN n bigint", `ALTER TABLE "events" ADD COLUMN "n" bigint`, "NULL 1"},
		"a column that must have a value":    {"ADD COLUMN m int NOT NULL DEFAULT 1; ALTER TABLE events ALTER COLUMN m DROP DEFAULT", "ALTER COLUMN m SET DEFAULT 1", "column m is NOT NULL without a default", "0 1"},
	} {
		for _, columns := range []row.Columns{{{Name: "n", Type: "integer"}, {Name: "k", Type: "text"}}, {{Name: "n", Type: "integer"}, {Name: "k", Type: "text", Key: true}}} {
			t.Run(name, func(t *testing.T) {
				p := newPlace(t, columns, "", "")
				d := p.open()
				p.write(d, encode(t, d, `{"n":0,"k":"a"}`))
				b := encode(t, d, `{"n":1,"k":"b"}`)
				p.exec("ALTER TABLE events " + c.change)
				if c.wait != "" {
					_, err := d.Write(t.Context(), group(b))
					p.passes(err, c.wait)
					p.exec("ALTER TABLE events " + c.back)
				}
				p.again(d, group(b))
				if b.Dead() != 0 {
					t.Errorf("dead: %v", b.Record(0).Err())
				}
				p.expect("SELECT string_agg(coalesce(n::text, 'NULL'), ' ' ORDER BY k) FROM events", c.want)
				p.expect("SELECT count(*) FROM dead_letters", "0")
			})
		}
	}
}

func TestAnIndexThatIsDroppedIsWaitedFor(t *testing.T) {
	p := newPlace(t, row.Columns{{Name: "n", Type: "integer", Key: true}}, "", "")
	p.exec("CREATE TABLE events (n bigint)", "CREATE UNIQUE INDEX i ON events (n)")
	d := p.open()
	b := encode(t, d, `{"n":1}`)
	p.exec("DROP INDEX i")
	_, err := d.Write(t.Context(), group(b))
	p.passes(err, "the key (n) has no unique index")
	p.mend(err)
	p.again(d, group(b))
	p.expect("SELECT n FROM events", "1")
}

func TestWhatCannotBeAtTheStartSaysWhatToDo(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	p.exec("CREATE ROLE guarded LOGIN PASSWORD 'right'", "CREATE ROLE lowly LOGIN", "GRANT USAGE ON SCHEMA "+p.name+" TO lowly")
	dir := p.server.Dir()
	for name, c := range map[string]struct{ url, want string }{
		"a wrong password": {strings.Replace(postgrestest.URL(dir, "guarded", "postgres"), "guarded@", "guarded:s3cret@", 1), "password is wrong: check the user in the URL and the password in PGPASSWORD"},
		"no database":      {postgrestest.URL(dir, "sluice", "absent"), "the database does not exist: create it (createdb NAME)"},
		"no user":          {postgrestest.URL(dir, "nobody", "postgres"), "the server refuses this user"},
		"no right":         {postgrestest.InSchema(postgrestest.URL(dir, "lowly", "postgres"), p.name), "lacks a right: GRANT"},
		"no server":        {postgrestest.URL(dir+"/absent", "sluice", "postgres"), "cannot be reached: it must run there and listen"},
		"no schema":        {postgrestest.InSchema(postgrestest.URL(dir, "sluice", "postgres"), "absent"), "schema"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := p.cfg
			cfg.URL = c.url
			_, err := Open(t.Context(), cfg)
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestASessionThatMayNotWriteIsWaitedFor(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	d := p.open()
	writable := d.cfg.URL
	d.cfg.URL += "&default_transaction_read_only=on"
	d.disconnect()
	b := encode(t, d, `{"n":1}`)
	_, err := d.Write(t.Context(), group(b))
	p.passes(err, "read-only")
	d.cfg.URL = writable
	d.disconnect()
	p.again(d, group(b))
	p.expect("SELECT n FROM events", "1")
}

func TestALockThatIsHeldForTooLongIsWaitedFor(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	p.cfg.URL += "&lock_timeout=1"
	d := p.open()
	holder := p.open()
	if err := execute(t.Context(), holder.conn, "BEGIN", "LOCK TABLE events"); err != nil {
		t.Fatal(err)
	}
	b := encode(t, d, `{"n":1}`)
	_, err := d.Write(t.Context(), group(b))
	p.passes(err, "somebody else holds a lock")
	if err := execute(t.Context(), holder.conn, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	p.again(d, group(b))
	p.expect("SELECT n FROM events", "1")
}

func TestACancelledWriteEndsAndStoresNothing(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	d, holder := p.open(), p.open()
	if err := execute(t.Context(), holder.conn, "BEGIN", "LOCK TABLE events"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	b := encode(t, d, `{"n":1}`)
	done := make(chan error)
	go func() {
		_, err := d.Write(ctx, group(b))
		done <- err
	}()
	for p.query("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")[0] != "t" {
	}
	cancel(pipeline.ErrAborted)
	if err := <-done; !errors.Is(err, pipeline.ErrAborted) {
		t.Errorf("got %v", err)
	}
	if err := execute(t.Context(), holder.conn, "ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	p.write(d, b)
	p.expect("SELECT n FROM events", "1")
}

func TestARoleNeedsNoMoreThanWhatIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		key    bool
		rights string // on the rows
	}{"insert": {false, "INSERT"}, "upsert": {true, "INSERT, SELECT, UPDATE"}} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, row.Columns{{Name: "n", Type: "integer", Key: c.key}, {Name: "m", Type: "integer"}}, "", "")
			p.exec("CREATE TABLE events (n bigint PRIMARY KEY, m bigint CHECK (m < 100))")
			p.open()
			role := p.name + "_writer"
			p.exec("CREATE ROLE "+role+" LOGIN", "GRANT USAGE ON SCHEMA "+p.name+" TO "+role, "GRANT "+c.rights+" ON events TO "+role, "GRANT INSERT ON dead_letters TO "+role,
				"GRANT SELECT, INSERT, UPDATE, DELETE ON sluice_progress, sluice_commits TO "+role)
			p.cfg.URL = postgrestest.InSchema(postgrestest.URL(p.server.Dir(), role, "postgres"), p.name)
			d := p.open()
			p.write(d, encode(t, d, `{"n":1}`, `{"n":2,"m":100}`, `{"n":"x"}`))
			if _, err := d.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{encode(t, d, `{"n":3}`)}, Progress: moved(1)}); err != nil {
				t.Error(err)
			}
			if _, err := d.Progress(t.Context()); err != nil {
				t.Error(err)
			}
			p.expect("SELECT n FROM events ORDER BY n", "1", "3")
			p.expect("SELECT count(*) FROM dead_letters", "2")
		})
	}
}

// What processes that were killed have left in sluice_commits goes some time, and
// not before anybody can still ask for it.
// A number that is gone does not make a group go in twice.
