//go:build unix

package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/stages/persist/postgrestest"
)

// superuser is the role of sluice that may do everything and needs no password.
const superuser = postgrestest.User

// atServer is a schema of its own at a server, for a role, which has the
// password "secret"; options are for the URL.
func atServer(t *testing.T, server *postgrestest.Server, role, options string) *store {
	t.Helper()
	name := regexp.MustCompile(`\W+`).ReplaceAllString(strings.ToLower(t.Name()), "_")
	name = name[max(0, len(name)-50):]
	mine := server.Schema(name)
	if role != superuser {
		server.Exec(mine,
			fmt.Sprintf("DO $$BEGIN CREATE ROLE %s LOGIN PASSWORD 'secret'; EXCEPTION WHEN duplicate_object THEN NULL; END$$", role),
			fmt.Sprintf("GRANT CREATE, TEMPORARY ON DATABASE postgres TO %s", role),
			fmt.Sprintf("GRANT ALL ON SCHEMA %s TO %s", name, role))
	}
	return &store{
		sink:  postgrestest.InSchema(postgrestest.URL(server.Dir(), role, "postgres")+options, name),
		admin: mine,
		rows:  func(*testing.T) []string { return server.Query(mine, "SELECT n FROM t") },
		dead:  func(*testing.T) []string { return server.Query(mine, "SELECT record FROM dead_letters") },
	}
}

// schema is that of a store at a server.
func (d *store) schema() string { return d.admin[strings.LastIndex(d.admin, "=")+1:] }

// hold opens a transaction, executes SQL in it and returns what ends it.
func hold(t *testing.T, url string, sql ...string) (end func()) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgconn.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(ctx) })
	for _, statement := range append([]string{"BEGIN"}, sql...) {
		if _, err := conn.Exec(ctx, statement).ReadAll(); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	return func() { _ = conn.Close(ctx) }
}

// cutAll ends the connections of a role.
func cutAll(server *postgrestest.Server, role string) {
	server.Exec(server.URL("postgres"), fmt.Sprintf(
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = '%s'", role))
}

func TestAServerThatIsAwayOrRefusesIsWaitedForWithAMessageThatSaysWhatToDo(t *testing.T) {
	super := shared.Server(t).URL("postgres")
	for _, tc := range []struct {
		name   string
		says   []string
		role   string   // of sluice
		before []string // SQL that inflicts it
		after  []string // SQL that mends it
		option string   // of the URL
		held   string   // SQL that somebody else executes meanwhile in an open transaction
	}{
		{name: "the password is changed", role: "guarded",
			says:   []string{"password authentication failed", "PGPASSWORD"},
			before: []string{"ALTER ROLE guarded PASSWORD 'other'"}, after: []string{"ALTER ROLE guarded PASSWORD 'secret'"}},
		{name: "the role may not log in", role: "writer",
			says:   []string{"not permitted to log in", "refuses this user"},
			before: []string{"ALTER ROLE writer NOLOGIN"}, after: []string{"ALTER ROLE writer LOGIN"}},
		{name: "a right is taken away", role: "writer",
			says:   []string{"permission denied for table t", "GRANT INSERT"},
			before: []string{"ALTER TABLE SCHEMA.t OWNER TO sluice"}, after: []string{"ALTER TABLE SCHEMA.t OWNER TO writer"}},
		{name: "no connection is left", role: "writer",
			says:   []string{"too many connections", "max_connections"},
			before: []string{"ALTER ROLE writer CONNECTION LIMIT 0"}, after: []string{"ALTER ROLE writer CONNECTION LIMIT -1"}},
		{name: "the database is read-only", role: "writer",
			says:   []string{"read-only", "target_session_attrs=read-write"},
			before: []string{"ALTER ROLE writer SET default_transaction_read_only = on"}, after: []string{"ALTER ROLE writer RESET default_transaction_read_only", "CUT"}},
		{name: "somebody holds the table", role: superuser, option: "&lock_timeout=100ms", held: "LOCK TABLE t",
			says: []string{"somebody else holds a lock", "pg_stat_activity"}},
		{name: "a statement takes too long", role: superuser, option: "&statement_timeout=100ms", held: "LOCK TABLE t",
			says: []string{"statement timeout", "raise statement_timeout"}},
		{name: "the table is dropped", role: "writer",
			says:   []string{"is gone; create it again: CREATE TABLE"},
			before: []string{"ALTER TABLE SCHEMA.t RENAME TO elsewhere"}, after: []string{"ALTER TABLE SCHEMA.elsewhere RENAME TO t"}},
		{name: "the table of dead letters is dropped", role: "writer",
			says:   []string{`"dead_letters" is gone; create it again: CREATE TABLE`},
			before: []string{"ALTER TABLE SCHEMA.dead_letters RENAME TO elsewhere"}, after: []string{"ALTER TABLE SCHEMA.elsewhere RENAME TO dead_letters"}},
		{name: "a column is dropped", role: "writer",
			says:   []string{"column size is missing", "ADD COLUMN"},
			before: []string{"ALTER TABLE SCHEMA.t DROP COLUMN size"}, after: []string{"ALTER TABLE SCHEMA.t ADD COLUMN size bigint"}},
		{name: "a column is renamed", role: "writer",
			says:   []string{"column size is missing", "ADD COLUMN"},
			before: []string{"ALTER TABLE SCHEMA.t RENAME COLUMN size TO length"}, after: []string{"ALTER TABLE SCHEMA.t RENAME COLUMN length TO size"}},
		{name: "a column gets a type that takes none of the values", role: "writer",
			says:   []string{"column size is timestamp with time zone; expected bigint", "ALTER COLUMN"},
			before: []string{"ALTER TABLE SCHEMA.t ALTER COLUMN size TYPE timestamptz USING to_timestamp(size)"},
			after:  []string{"ALTER TABLE SCHEMA.t ALTER COLUMN size TYPE bigint USING extract(epoch FROM size)"}},
		{name: "a column that must have a value is added", role: "writer",
			says:   []string{"column more is NOT NULL without a default", "DROP NOT NULL"},
			before: []string{"ALTER TABLE SCHEMA.t ADD COLUMN more text NOT NULL DEFAULT ''", "ALTER TABLE SCHEMA.t ALTER COLUMN more DROP DEFAULT"},
			after:  []string{"ALTER TABLE SCHEMA.t DROP COLUMN more"}},
		{name: "the schema is renamed", role: "writer",
			says:   []string{"is gone; create it again"},
			before: []string{"ALTER SCHEMA SCHEMA RENAME TO elsewhere"}, after: []string{"ALTER SCHEMA elsewhere RENAME TO SCHEMA"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTemp(t, nil)
			server := shared.Server(t)
			d := atServer(t, server, tc.role, tc.option)
			schema := d.schema()
			execute := func(sql []string) {
				for _, statement := range sql {
					if statement == "CUT" {
						cutAll(server, tc.role)
						continue
					}
					server.Exec(super, strings.NewReplacer("SCHEMA SCHEMA", "SCHEMA "+schema, "TO SCHEMA", "TO "+schema, "SCHEMA.", schema+".").Replace(statement))
				}
			}
			d.environ = []string{"PGPASSWORD=secret"}
			s := startOn(t, d)
			end := func() {}
			outlive(t, s, d, outage{
				says: tc.says,
				inflict: func() {
					execute(tc.before)
					cutAll(server, tc.role)
					if tc.held != "" {
						end = hold(t, d.admin, tc.held)
					}
				},
				cure: func() { execute(tc.after); end() },
			})
		})
	}
}

func TestAServerThatIsStoppedAndStartedIsWaitedFor(t *testing.T) {
	server := postgrestest.Start(t)
	for name, how := range map[string]syscall.Signal{"at once": postgrestest.Immediate, "in order": postgrestest.Fast} {
		t.Run(name, func(t *testing.T) {
			inTemp(t, nil)
			d := atServer(t, server, superuser, "")
			s := startOn(t, d)
			outlive(t, s, d, outage{
				says:    []string{"the server cannot be reached: it must run there and listen", server.Dir()},
				inflict: func() { server.Stop(how) },
				cure:    server.Start,
			})
		})
	}
}

func TestAConnectionThatIsCutIsMadeAnew(t *testing.T) {
	for _, tc := range []struct {
		name string
		cut  postgrestest.Cut
	}{
		{"before the COMMIT", postgrestest.CutBefore},
		{"with the answer to the COMMIT", postgrestest.CutAfter},
		{"at the COMMIT", postgrestest.CutUnheard},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTemp(t, nil)
			server := shared.Server(t)
			proxy := server.Proxy(t)
			d := atServer(t, server, superuser, "")
			d.sink = postgrestest.InSchema(proxy.URL("postgres"), d.schema())
			s := startOn(t, d)
			outlive(t, s, d, outage{inflict: func() { proxy.Next(tc.cut) }})
			if proxy.Cuts() != 1 || !strings.Contains(s.stderr(), "the connection to the server broke") {
				t.Errorf("%d connections were cut at a COMMIT, and it says\n%s", proxy.Cuts(), s.stderr())
			}
		})
	}
	t.Run("by the server between two groups", func(t *testing.T) {
		inTemp(t, nil)
		server := shared.Server(t)
		d := atServer(t, server, "writer", "")
		s := startOn(t, d)
		outlive(t, s, d, outage{inflict: func() { cutAll(server, "writer") }})
	})
}

func TestASinkAtAServerThatCannotBeOpenedSaysWhatToDo(t *testing.T) {
	server := shared.Server(t)
	for _, tc := range []struct {
		name string
		role string
		ruin func(d *store) (cure func())
		exit int
		says []string
	}{
		{"nobody listens", superuser, func(d *store) func() {
			right := d.sink
			d.sink = strings.Replace(right, "sluicepg", "nothing", 1)
			return func() { d.sink = right }
		}, exitFailed, []string{"the server cannot be reached: it must run there and listen"}},
		{"the password is wrong", "guarded", func(d *store) func() {
			wrong := d.sink
			d.sink = strings.Replace(wrong, "guarded@", "guarded:wrong@", 1)
			return func() { d.sink = strings.Replace(wrong, "guarded@", "guarded:secret@", 1) }
		}, exitFailed, []string{"the user or the password is wrong", "PGPASSWORD"}},
		{"the database is not there", superuser, func(d *store) func() {
			right := d.sink
			d.sink = strings.Replace(right, "/postgres?", "/nowhere?", 1)
			return func() { d.sink = right }
		}, exitFailed, []string{`database "nowhere" does not exist`, "createdb"}},
		{"the role may not make tables", "reader", func(d *store) func() {
			server.Exec(d.admin, "REVOKE ALL ON SCHEMA "+d.schema()+" FROM reader", "GRANT USAGE ON SCHEMA "+d.schema()+" TO reader")
			return func() { server.Exec(d.admin, "GRANT ALL ON SCHEMA "+d.schema()+" TO reader") }
		}, exitFailed, []string{"permission denied for schema", "CREATE on the schema"}},
		{"the database is read-only", superuser, func(d *store) func() {
			right := d.sink
			d.sink += "&default_transaction_read_only=on"
			return func() { d.sink = right }
		}, exitFailed, []string{"read-only"}},
		{"a column is missing", superuser, func(d *store) func() {
			server.Exec(d.admin, "CREATE TABLE t (n bigint)")
			return func() { server.Exec(d.admin, "ALTER TABLE t ADD COLUMN size bigint") }
		}, exitUsage, []string{"column size is missing; expected bigint", `ALTER TABLE "t" ADD COLUMN "size" bigint`}},
		{"a column has another type", superuser, func(d *store) func() {
			server.Exec(d.admin, "CREATE TABLE t (n bigint, size uuid)")
			return func() {
				server.Exec(d.admin, `ALTER TABLE "t" ALTER COLUMN "size" TYPE bigint USING "size"::text::bigint`)
			}
		}, exitUsage, []string{"column size is uuid; expected bigint", "ALTER COLUMN"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTemp(t, nil)
			d := atServer(t, shared.Server(t), tc.role, "")
			cure := tc.ruin(d)
			cannotStart(t, d, tc.exit, tc.says...)
			cure()
			startsNow(t, d)
		})
	}
}
