package postgres

import (
	"strings"
	"testing"

	"sluice/stages/persist/row"
)

var checkColumns = row.Columns{
	{Name: "id", Type: "text", Key: true}, {Name: "n", Type: "integer"}, {Name: "ts", Type: "timestamp"}, {Name: "tags", Type: "text[]"}, {Name: "more", Type: "json"},
}

const checkLine = `{"id":"z","n":1,"ts":"2024-01-01T00:00:00Z","tags":["a"],"more":{}}`

// Whatever SQL a misfit names, running it must make the table fit.
func TestWhatDoesNotFitIsListedWithWhatMendsIt(t *testing.T) {
	for name, c := range map[string]struct {
		setup []string
		want  []string
	}{
		"missing columns": {
			[]string{`CREATE TABLE events (id text PRIMARY KEY, ts timestamptz)`},
			[]string{"column n is missing; expected bigint", "column tags is missing; expected text[]", "column more is missing; expected jsonb"},
		},
		"other types": {
			[]string{`CREATE TABLE events (id text PRIMARY KEY, n text, ts text, tags text[], more jsonb)`, `INSERT INTO events VALUES ('a', '5', '2024-01-01T00:00:00Z')`},
			[]string{"column n is text; expected bigint for type integer", "column ts is text; expected timestamptz"},
		},
		"no key": {
			[]string{`CREATE TABLE events (id text, n int, ts timestamp, tags varchar(9)[], more json)`, `CREATE INDEX ON events (id)`},
			[]string{"the key (id) has no unique index"},
		},
		"keys that an upsert cannot use": {
			[]string{`CREATE TABLE events (id text, n int, ts timestamptz, tags text[], more json, UNIQUE (id, n))`,
				`CREATE UNIQUE INDEX ON events (id) WHERE n > 0`, `CREATE UNIQUE INDEX ON events (lower(id))`},
			[]string{"the key (id) has no unique index"},
		},
		"columns that nothing fills": {
			[]string{`CREATE TABLE events (id text UNIQUE, n int, ts timestamptz, tags text[], more json, who text NOT NULL, at date NOT NULL DEFAULT now())`},
			[]string{"column who is NOT NULL without a default"},
		},
		"a key that nothing fills": {
			[]string{`CREATE TABLE events (id text UNIQUE, n int, ts timestamptz, tags text[], more json, who int PRIMARY KEY)`},
			[]string{"column who is NOT NULL without a default"},
		},
		"a column that is generated": {
			[]string{`CREATE TABLE events (id text UNIQUE, n bigint GENERATED ALWAYS AS (1) STORED, ts timestamptz, tags text[], more json)`},
			[]string{"column n is generated"},
		},
		"a view": {
			[]string{`CREATE VIEW events AS SELECT 1 AS id`},
			[]string{"it is a view, not a table"},
		},
		"an older table of dead letters": {
			[]string{`CREATE TABLE dead_letters (id bigint GENERATED ALWAYS AS IDENTITY, stage text, code text, pointer text, message text, attempts int, lane text, source text, position bigint, at timestamptz, record text)`},
			[]string{`table "dead_letters" of `, "column record_encoding is missing; expected text"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, checkColumns, "", "")
			p.exec(c.setup...)
			_, err := Open(t.Context(), p.cfg)
			if err == nil {
				t.Fatal("it fits")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("not said: %s\nin: %v", want, err)
				}
			}
			if checked := Check(t.Context(), p.cfg); checked == nil || checked.Error() != err.Error() {
				t.Errorf("Check says otherwise: %v", checked)
			}
			p.mend(err)
			if err := Check(t.Context(), p.cfg); err != nil {
				t.Fatalf("after mending: %v", err)
			}
			d := p.open()
			p.write(d, encode(t, d, checkLine))
			p.expect("SELECT n, tags FROM events WHERE id = 'z'", "1 {a}")
		})
	}
}

func TestTablesThatFit(t *testing.T) {
	for name, setup := range map[string]string{
		"as sluice makes it":             "",
		"more columns, other widths":     `CREATE TABLE events (extra text, more text, tags varchar[], ts timestamp, n smallint, id varchar(20) PRIMARY KEY)`,
		"columns that fill themselves":   `CREATE TABLE events (no bigserial PRIMARY KEY, id text UNIQUE, n int, ts timestamptz, tags text[], more json, at timestamptz NOT NULL DEFAULT now(), v int GENERATED ALWAYS AS (1) STORED)`,
		"partitions":                     `CREATE TABLE events (id text PRIMARY KEY, n int, ts timestamptz, tags text[], more json) PARTITION BY HASH (id); CREATE TABLE one PARTITION OF events FOR VALUES WITH (MODULUS 1, REMAINDER 0)`,
		"an index with other columns in": `CREATE TABLE events (id text, n int, ts timestamptz, tags text[], more json); CREATE UNIQUE INDEX ON events (id) INCLUDE (n)`,
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, checkColumns, "", "")
			if setup != "" {
				p.exec(setup)
			}
			for range 2 {
				d := p.open()
				p.write(d, encode(t, d, checkLine))
			}
			p.expect("SELECT id, n, tags FROM events", "z 1 {a}")
		})
	}
}

func TestCheckMakesNothing(t *testing.T) {
	p := newPlace(t, checkColumns, "", "")
	if err := Check(t.Context(), p.cfg); err != nil {
		t.Error(err)
	}
	p.expect("SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace", "0")
}

func TestNamesMayHoldAnything(t *testing.T) {
	p := newPlace(t, row.Columns{{Name: `select "x"; --`, Type: "text", Key: true}, {Name: `id.orig\h`, Type: "text"}, {Name: "été's", Type: "integer[]"}}, `re'st`, "")
	p.cfg.Table = `"` + p.name + `"."order ""by"".'x'"`
	for range 2 {
		d := p.open()
		p.write(d, encode(t, d, `{"select \"x\"; --":"1","id.orig\\h":"2","été's":[3]}`))
	}
	p.expect(`SELECT * FROM "order ""by"".'x'"`, `1 2 {3} {}`)
}

func TestNamesOfTables(t *testing.T) {
	for in, want := range map[string]string{
		"events": `"events"`, "public.events": `"public"."events"`, `"a.b"`: `"a.b"`, `s."a.b"`: `"s"."a.b"`, `"a""b".c`: `"a""b"."c"`, `Ev"x`: `"Ev""x"`,
		"": "", "a.": "", ".a": "", "a.b.c": "", `"a`: "", `"a"b`: "", `"".a`: "",
	} {
		n, err := parseName(in)
		if got := n.String(); (err == nil) != (want != "") || err == nil && got != want {
			t.Errorf("%s: got %s, %v; expected %s", in, got, err, want)
		}
	}
}

func TestTextComesBackAsItWas(t *testing.T) {
	for _, s := range []string{"", "a/b.ndjson", "\xff\x00", `\x41`, "é", `\y`} {
		if got := untext(text(s)); got != s || !isText(text(s)) {
			t.Errorf("%q: got %q by %q", s, got, text(s))
		}
	}
}
