package postgres

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/postgrestest"
	"sluice/stages/persist/row"
)

// tally is what became of the records of batches.
func tally(batches ...*pipeline.Batch) string {
	live, dead, all := 0, 0, 0
	for _, b := range batches {
		live, dead, all = live+b.Live(), dead+b.Dead(), all+b.Len()
	}
	return fmt.Sprintf("%d live, %d dead, %d filtered", live, dead, all-live-dead)
}

// Keys are compared as the table's column has them: with its scale, its length
// and its collation, and after its triggers.
func TestKeysAreThereAsTheTableHasThem(t *testing.T) {
	for name, c := range map[string]struct {
		typ   row.Type
		setup []string
		keys  []string // of one batch
		want  []string // of the table, by the number of the line
		tally string   // with on_conflict: dead
	}{
		"a scale that rounds": {"numeric", []string{"CREATE TABLE events (k numeric(6,1) PRIMARY KEY, v bigint)"},
			[]string{"1.23", "1.2", "1.26", "2"}, []string{"1.2 0", "1.3 2", "2.0 3"}, "3 live, 1 dead, 0 filtered"},
		"numbers that are equal": {"numeric", []string{"CREATE TABLE events (k numeric PRIMARY KEY, v bigint)"},
			[]string{"1", "1.0", "1e0", "10"}, []string{"1 0", "10 3"}, "2 live, 2 dead, 0 filtered"},
		"blanks at the end": {"text", []string{"CREATE TABLE events (k character(4) PRIMARY KEY, v bigint)"},
			[]string{`"a"`, `"a "`, `"b"`}, []string{"a    0", "b    2"}, "2 live, 1 dead, 0 filtered"},
		"a collation": {"text", []string{"CREATE COLLATION either (provider = icu, locale = 'und-u-ks-level2', deterministic = false)", "CREATE TABLE events (k text COLLATE either PRIMARY KEY, v bigint)"},
			[]string{`"a"`, `"A"`, `"b"`}, []string{"a 0", "b 2"}, "2 live, 1 dead, 0 filtered"},
		"a domain": {"integer", []string{"CREATE DOMAIN small AS integer CHECK (VALUE < 100)", "CREATE TABLE events (k small PRIMARY KEY, v bigint)"},
			[]string{"1", "100", "1", "2"}, []string{"1 0", "2 3"}, "2 live, 2 dead, 0 filtered"},
		"a trigger that changes keys": {"text", []string{"CREATE TABLE events (k text PRIMARY KEY, v bigint)",
			"CREATE FUNCTION lowered() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.k := lower(NEW.k); RETURN NEW; END$$",
			"CREATE TRIGGER t BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION lowered()"},
			[]string{`"a"`, `"A"`, `"B"`, `"b"`, `"c"`}, []string{"a 0", "b 2", "c 4"}, "3 live, 2 dead, 0 filtered"},
		"a trigger of a partition": {"text", []string{"CREATE TABLE events (k text PRIMARY KEY, v bigint) PARTITION BY HASH (k)", "CREATE TABLE one PARTITION OF events FOR VALUES WITH (MODULUS 1, REMAINDER 0)",
			"CREATE FUNCTION lowered() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.k := lower(NEW.k); RETURN NEW; END$$",
			"CREATE TRIGGER t BEFORE INSERT ON one FOR EACH ROW EXECUTE FUNCTION lowered()"},
			[]string{`"a"`, `"A"`, `"B"`, `"b"`, `"c"`}, []string{"a 0", "b 2", "c 4"}, "3 live, 2 dead, 0 filtered"},
		"a constraint that is checked at the end": {"integer", []string{"CREATE TABLE other (v bigint PRIMARY KEY)", "INSERT INTO other VALUES (1), (2)",
			"CREATE TABLE events (k bigint PRIMARY KEY, v bigint REFERENCES other DEFERRABLE INITIALLY DEFERRED)"},
			[]string{"7", "7", "7"}, []string{"7 1"}, "1 live, 2 dead, 0 filtered"},
		"a name that the arrivals' number would have": {"integer", []string{`CREATE TABLE events (k bigint PRIMARY KEY, v bigint, sluice_row int)`},
			[]string{"7", "7", "8"}, []string{"7 0", "8 2"}, "2 live, 1 dead, 0 filtered"},
	} {
		for _, conflict := range []row.Conflict{row.ConflictDead, row.ConflictIgnore} {
			t.Run(name+", "+string(conflict), func(t *testing.T) {
				p := newPlace(t, row.Columns{{Name: "k", Type: c.typ, Key: true}, {Name: "v", Type: "integer"}}, "", "")
				p.cfg.OnConflict = conflict
				p.exec(c.setup...)
				d := p.open()
				lines := make([]string, len(c.keys))
				for i, key := range c.keys {
					lines[i] = fmt.Sprintf(`{"k":%s,"v":%d}`, key, i)
				}
				b := encode(t, d, lines...)
				p.write(d, b)
				if got := tally(b); conflict == row.ConflictDead && got != c.tally {
					t.Error(got)
				}
				for i := range b.Len() {
					in := slices.ContainsFunc(c.want, func(row string) bool { return strings.HasSuffix(row, fmt.Sprint(" ", i)) })
					if b.Record(i).Live() != in {
						t.Errorf("line %d is live: %v", i, !in)
					}
				}
				again := encode(t, d, lines...)
				p.write(d, again) // none goes in
				if again.Live() != 0 {
					t.Errorf("again: %s", tally(again))
				}
				p.expect("SELECT k, v FROM events ORDER BY v", c.want...)
				p.expect(fmt.Sprintf("SELECT count(*) = %d FROM dead_letters", b.Dead()+again.Dead()), "t")
			})
		}
	}
}

// A group that comes again after a COMMIT whose answer was lost does not stand in
// its own way, and what it passed over is so still.
func TestALostCommitDoesNotMakeDeadLettersOfItsOwnRows(t *testing.T) {
	for name, cut := range map[string]postgrestest.Cut{"before": postgrestest.CutBefore, "after": postgrestest.CutAfter} {
		for conflict, want := range map[row.Conflict]string{row.ConflictDead: "2 live, 2 dead, 0 filtered", row.ConflictIgnore: "2 live, 0 dead, 2 filtered"} {
			for _, durable := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, %s, durable %v", name, conflict, durable), func(t *testing.T) {
					p := newPlace(t, keyedColumns, "", "")
					p.cfg.OnConflict = conflict
					proxy := p.server.Proxy(t)
					p.cfg.URL = postgrestest.InSchema(proxy.URL("postgres"), p.name)
					d := p.open()
					p.write(d, encode(t, d, `{"a":"old","b":1,"v":"kept"}`))
					g := group(encode(t, d, `{"a":"x","b":1,"v":"first"}`, `{"a":"old","b":1}`, `{"a":"x","b":1,"v":"second"}`, `{"a":"y","b":1,"v":"new"}`))
					if durable {
						g.Progress = moved(1)
					}
					proxy.Next(cut)
					if errs := p.again(d, g); len(errs) == 0 || proxy.Cuts() != 1 {
						t.Errorf("%d cuts, got %q", proxy.Cuts(), errs)
					}
					if got := tally(g.Batches...); got != want {
						t.Error(got)
					}
					p.expect("SELECT a, v FROM events ORDER BY a", "old kept", "x first", "y new")
					p.expect("SELECT count(*) FROM dead_letters", fmt.Sprint(g.Batches[0].Dead()))
				})
			}
		}
	}
}

// What was passed over is so only when the group is stored: until then the row
// in its way may go.
func TestARowThatWasPassedOverIsTriedAgainWithItsGroup(t *testing.T) {
	p := newPlace(t, keyedColumns, "", "")
	p.cfg.OnConflict = row.ConflictIgnore
	proxy := p.server.Proxy(t)
	p.cfg.URL = postgrestest.InSchema(proxy.URL("postgres"), p.name)
	d := p.open()
	p.write(d, encode(t, d, `{"a":"x","b":1}`))
	g := group(encode(t, d, `{"a":"x","b":1}`, `{"a":"y","b":1}`))
	proxy.Next(postgrestest.CutBefore)
	if _, err := d.Write(t.Context(), g); !pipeline.IsTransient(err) || g.Batches[0].Live() != 2 {
		t.Fatalf("%s, %v", tally(g.Batches...), err)
	}
	p.exec("DELETE FROM events")
	p.again(d, g)
	if got := tally(g.Batches...); got != "2 live, 0 dead, 0 filtered" {
		t.Error(got)
	}
	p.expect("SELECT a FROM events ORDER BY a", "x", "y")
}

// Rows that the table refuses among those whose key is there take nothing along.
func TestRefusedRowsAndKeysThatAreThereDoNotMix(t *testing.T) {
	p := newPlace(t, row.Columns{{Name: "a", Type: "integer", Key: true}, {Name: "ok", Type: "boolean"}}, "", "")
	p.cfg.OnConflict = row.ConflictDead
	p.exec("CREATE TABLE events (a bigint PRIMARY KEY, ok boolean CHECK (ok))")
	d := p.open()
	var lines []string
	for i := range 60 {
		lines = append(lines, fmt.Sprintf(`{"a":%d,"ok":%v}`, i%20, i%7 != 0))
	}
	b := encode(t, d, lines...)
	p.write(d, b)
	p.expect("SELECT count(*), count(DISTINCT a) FROM events", "20 20")
	// Each is in as its first line that is ok.
	refused, there := 0, 0
	for i := range b.Len() {
		switch r := b.Record(i); {
		case r.Live():
			if i%7 == 0 || i >= 40 {
				t.Errorf("line %d is in", i)
			}
		case strings.Contains(r.Err().Message, "on_conflict"):
			there++
		case strings.Contains(r.Err().Message, "events_ok_check"):
			refused++
		}
	}
	if refused != 9 || there != 31 {
		t.Errorf("%d refused, %d were there", refused, there)
	}
}

// A column that is made wider in mid-run is so for the arrivals too.
func TestALengthThatChangesCutsNothingOff(t *testing.T) {
	for _, conflict := range row.Conflicts {
		p := newPlace(t, row.Columns{{Name: "a", Type: "numeric", Key: true}, {Name: "v", Type: "text"}}, "", "")
		p.cfg.OnConflict = conflict
		p.exec("CREATE TABLE events (a numeric(6,1) PRIMARY KEY, v varchar(2))")
		d := p.open()
		p.write(d, encode(t, d, `{"a":1,"v":"ab"}`, `{"a":2,"v":"abc"}`))
		p.exec("ALTER TABLE events ALTER a TYPE numeric(8,3), ALTER v TYPE varchar(9)")
		p.write(d, encode(t, d, `{"a":3.125,"v":"abcdef"}`))
		p.expect("SELECT a, v FROM events ORDER BY a", "1.000 ab", "3.125 abcdef")
		p.expect("SELECT code FROM dead_letters", "column_type")
	}
}
