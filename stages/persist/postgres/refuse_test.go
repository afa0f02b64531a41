package postgres

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

var numberColumn = row.Columns{{Name: "n", Type: "integer"}}

func TestRowsThatTheTableRefusesAreDeadLetters(t *testing.T) {
	for name, c := range map[string]struct {
		columns row.Columns
		setup   []string
		bad     string // a line that is refused
		code    pipeline.Code
		message string
	}{
		"a check": {numberColumn, []string{"CREATE TABLE events (n bigint CHECK (n < 100))"},
			`{"n":100}`, pipeline.CodeConstraint, "events_n_check"},
		"a value that is required": {numberColumn, []string{"CREATE TABLE events (n bigint NOT NULL)"},
			`{}`, pipeline.CodeConstraint, "null value"},
		"a unique index": {numberColumn, []string{"CREATE TABLE events (n bigint UNIQUE)", "INSERT INTO events VALUES (100)"},
			`{"n":100}`, pipeline.CodeConstraint, "Key (n)=(100) already exists."},
		"a foreign key": {numberColumn, []string{"CREATE TABLE other (n bigint PRIMARY KEY)", "INSERT INTO other SELECT generate_series(0, 99)", "CREATE TABLE events (n bigint REFERENCES other)"},
			`{"n":100}`, pipeline.CodeConstraint, "is not present in table"},
		"a constraint that is checked at the end": {numberColumn, []string{"CREATE TABLE events (n bigint UNIQUE DEFERRABLE INITIALLY DEFERRED)", "INSERT INTO events VALUES (100)"},
			`{"n":100}`, pipeline.CodeConstraint, "already exists"},
		"a trigger": {numberColumn, []string{"CREATE TABLE events (n bigint)",
			"CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN IF NEW.n = 100 THEN RAISE 'not %', NEW.n; END IF; RETURN NEW; END$$",
			"CREATE TRIGGER t BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse()"},
			`{"n":100}`, pipeline.CodeConstraint, "not 100"},
		"no partition": {numberColumn, []string{"CREATE TABLE events (n bigint) PARTITION BY RANGE (n)", "CREATE TABLE low PARTITION OF events FOR VALUES FROM (0) TO (100)"},
			`{"n":100}`, pipeline.CodeConstraint, "no partition"},
		"a text that is too long": {row.Columns{{Name: "n", Type: "text"}}, []string{"CREATE TABLE events (n varchar(3))"},
			`{"n":"1000"}`, pipeline.CodeColumnType, "too long"},
		"a number of too many digits": {row.Columns{{Name: "n", Type: "numeric"}}, []string{"CREATE TABLE events (n numeric(3,1))"},
			`{"n":100}`, pipeline.CodeColumnType, "overflow"},
		"a number in jsonb that is too large": {row.Columns{{Name: "n", Type: "json"}}, nil,
			`{"n":1e999999}`, pipeline.CodeColumnType, "overflow"},
		"a key that is too long for its index": {row.Columns{{Name: "n", Type: "text", Key: true}}, nil,
			`{"n":"` + noise(20000) + `"}`, pipeline.CodeConstraint, "index row"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, c.columns, "", "")
			p.exec(c.setup...)
			d := p.open()
			lines := make([]string, 16)
			for i := range lines {
				lines[i] = fmt.Sprintf(`{"n":%d}`, i)
			}
			lines[3], lines[15] = c.bad, c.bad
			b, all := encode(t, d, lines...), encode(t, d, c.bad, `{"n":20}`)
			p.write(d, b, all)
			if b.Live() != 14 || b.Dead() != 2 || all.Live() != 1 || all.Dead() != 1 {
				t.Errorf("%d and %d live, %d and %d dead", b.Live(), all.Live(), b.Dead(), all.Dead())
			}
			p.expect("SELECT count(*) FROM events WHERE n::text ~ '^(1?[0-9]|20)([.]0)?$'", "15")
			p.expect("SELECT DISTINCT stage, code, position FROM dead_letters ORDER BY position",
				fmt.Sprintf("persist %s %d", c.code, 0), fmt.Sprintf("persist %s %d", c.code, 24), fmt.Sprintf("persist %s %d", c.code, len(strings.Join(lines[:15], " "))+1))
			message := p.query("SELECT message FROM dead_letters LIMIT 1")[0]
			if !strings.HasPrefix(message, `table "events" refuses the row: `) || !strings.Contains(message, c.message) {
				t.Errorf("got %q", message)
			}
		})
	}
}

// noise is text that cannot be compressed.
func noise(n int) string {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b)
}

// Whatever rows are refused, exactly they are dead and the others go in, in
// order.
func TestABatchOfDeadRecordsAloneStandsBetweenOthers(t *testing.T) {
	p := newPlace(t, row.Columns{{Name: "n", Type: row.TypeInteger}}, "", "")
	d := p.open()
	p.write(d, encode(t, d, `{"n":1}`), encode(t, d, `{"n":"x"}`), encode(t, d, `{"n":2}`))
	p.expect("SELECT n FROM events ORDER BY n", "1", "2")
	p.expect("SELECT record FROM dead_letters", `{"n":"x"}`)
}

func TestAnyMixtureOfRefusedRowsIsTakenApart(t *testing.T) {
	for _, keyed := range []bool{false, true} {
		p := newPlace(t, row.Columns{{Name: "n", Type: "integer", Key: keyed}, {Name: "ok", Type: "boolean"}}, "", "")
		p.exec("CREATE TABLE events (n bigint PRIMARY KEY, ok boolean CHECK (ok))")
		d := p.open()
		random := rand.New(rand.NewPCG(3, 4))
		n := 0
		var want, dead []string
		for _, share := range []float64{0, 0.01, 0.5, 1} {
			g := group()
			for range 3 {
				lines := make([]string, 40)
				for i := range lines {
					n++
					ok := random.Float64() >= share
					lines[i] = fmt.Sprintf(`{"n":%d,"ok":%v}`, n, ok)
					if ok {
						want = append(want, fmt.Sprint(n))
					} else {
						dead = append(dead, lines[i])
					}
				}
				g.Batches = append(g.Batches, encode(t, d, lines...))
			}
			if _, err := d.Write(t.Context(), g); err != nil {
				t.Fatal(err)
			}
		}
		p.expect("SELECT n FROM events ORDER BY ctid", want...)
		p.expect("SELECT record FROM dead_letters ORDER BY id", dead...)
	}
}

// The time that refused rows take must not grow with their number times that of the rows.
func TestManyRefusedRowsOfATableWithAKeyTakeAFairTime(t *testing.T) {
	p := newPlace(t, row.Columns{{Name: "n", Type: "integer", Key: true}}, "", "")
	p.exec("CREATE TABLE events (n bigint PRIMARY KEY CHECK (n % 40 <> 0))")
	d := p.open()
	next := 0
	fastest := func(rows int) time.Duration {
		best := time.Duration(math.MaxInt64)
		for range 3 {
			g := group()
			for range rows / 200 {
				lines := make([]string, 200)
				for i := range lines {
					lines[i] = fmt.Sprintf(`{"n":%d}`, next)
					next++
				}
				g.Batches = append(g.Batches, encode(t, d, lines...))
			}
			begun := time.Now()
			if _, err := d.Write(t.Context(), g); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(begun))
		}
		return best
	}
	few, many := fastest(600), fastest(6000)
	if ratio := float64(many) / float64(few); ratio > 40 {
		t.Errorf("10 times the rows took %.0f times the time", ratio)
	}
	p.expect("SELECT count(*) FROM events", fmt.Sprint(next-next/40))
	p.expect("SELECT count(*) FROM dead_letters", fmt.Sprint(next/40))
}

func TestTheServerSaysWhichRow(t *testing.T) {
	for where, want := range map[string]int{
		"COPY events, line 1, column n": 0,
		"COPY events, line 17":          16,
		"PL/pgSQL function f() line 3 at RAISE\nCOPY events, line 5: \"x\"": 4,
		"SQL statement \"INSERT\"": -1,
		"COPY events, line x":      -1,
		"":                         -1,
	} {
		row, ok := faultyRow(&pgconn.PgError{Where: where})
		if ok != (want >= 0) || ok && row != want {
			t.Errorf("%q: got %d, %v", where, row, ok)
		}
	}
}

func TestAnErrorThatIsOfNoRowEndsTheWrite(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	d := p.open()
	bad := pipeline.Progress{Source: "s", Name: "s", Version: 3}
	b := encode(t, d, `{"n":1}`)
	_, err := d.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{bad}})
	if !errors.Is(err, pipeline.ErrFenced) || pipeline.IsTransient(err) {
		t.Errorf("got %v", err)
	}
	p.write(d, encode(t, d, `{"n":2}`))
	p.expect("SELECT n FROM events", "2")
	if got := p.query("SELECT count(*) FROM sluice_progress"); !slices.Equal(got, []string{"0"}) {
		t.Errorf("progress: %v", got)
	}
}
