package postgres

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
	"sluice/stages/persist/postgrestest"
)

func moved(n int64) []pipeline.Progress {
	return []pipeline.Progress{{Source: "s", Name: "in.ndjson", Frontier: n, Lanes: [4]int64{n, n, n, n}, High: n}}
}

func TestALostCommitIsFoundOut(t *testing.T) {
	for name, c := range map[string]struct {
		cut     postgrestest.Cut
		durable bool
	}{
		"before it arrived":                         {postgrestest.CutBefore, true},
		"before it arrived, from no file":           {postgrestest.CutBefore, false},
		"after it was done":                         {postgrestest.CutAfter, true},
		"after it was done, from no file":           {postgrestest.CutAfter, false},
		"nobody knows whether it arrived":           {postgrestest.CutUnheard, true},
		"nobody knows whether it did, from no file": {postgrestest.CutUnheard, false},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, numberColumn, "", "")
			proxy := p.server.Proxy(t)
			p.cfg.URL = postgrestest.InSchema(proxy.URL("postgres"), p.name)
			d := p.open()
			var want []string
			for n := range int64(5) {
				b := encode(t, d, fmt.Sprintf(`{"n":%d}`, n), `{"n":"x"}`)
				g := group(b)
				if c.durable {
					g.Progress = moved(n + 1)
				}
				if n%2 == 1 { // twice, with others between
					proxy.Next(c.cut)
				}
				errs := p.again(d, g)
				if n%2 == 1 && (len(errs) == 0 || !strings.Contains(errs[0], "commit: ")) {
					t.Errorf("got %q", errs)
				}
				want = append(want, fmt.Sprint(n))
			}
			if proxy.Cuts() != 2 {
				t.Errorf("%d cuts", proxy.Cuts())
			}
			p.expect("SELECT n FROM events ORDER BY ctid", want...)
			p.expect("SELECT count(*) FROM dead_letters", "5")
			if c.durable {
				p.expect("SELECT frontier, version FROM sluice_progress", "5 5")
			} else {
				p.expect("SELECT serial >= 5 FROM sluice_commits", "t")
			}
		})
	}
}

func TestALostCommitInARetryIsFoundOut(t *testing.T) {
	const before, after = postgrestest.CutBefore, postgrestest.CutAfter
	for name, cuts := range map[string][]postgrestest.Cut{
		"done the second time": {before, after}, "done the third time": {before, before, after}, "done the first time": {after},
	} {
		for _, durable := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, durable %v", name, durable), func(t *testing.T) {
				p := newPlace(t, numberColumn, "", "")
				d, proxy := p.behindProxy("")
				d.silence = defaultSilence
				url := d.cfg.URL
				g := group(encode(t, d, `{"n":1}`, `{"n":"x"}`))
				if durable {
					g.Progress = moved(1)
				}
				for i, cut := range cuts {
					for d.lost == nil || i > 0 {
						proxy.Next(cut)
						_, err := d.Write(t.Context(), g)
						if proxy.Cuts() > i {
							p.passes(err, "commit: ")
							break
						}
						p.passes(err, errOpen.Error()) // the one before is not over
					}
					d.cfg.URL = strings.Replace(url, "/postgres?", "/absent?", 1)
					for range 2 {
						_, err := d.Write(t.Context(), g)
						p.passes(err, "the database does not exist")
					}
					d.cfg.URL = url
				}
				p.again(d, g)
				p.again(d, &pipeline.Group{Batches: []*pipeline.Batch{encode(t, d, `{"n":2}`)}})
				p.expect("SELECT n FROM events ORDER BY ctid", "1", "2")
				p.expect("SELECT count(*) FROM dead_letters", "1")
			})
		}
	}
}

func TestALostTransactionThatIsNotOverIsWaitedFor(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	d := p.open()
	other := p.open()
	d.batches = []*pipeline.Batch{encode(t, d, `{"n":1}`)}
	if err := errors.Join(d.putAll(t.Context(), begins), d.storeDead(t.Context())); err != nil {
		t.Fatal(err)
	}
	r, err := d.move(t.Context(), &pipeline.Group{Progress: moved(1)})
	if err != nil {
		t.Fatal(err)
	}
	other.lost = r // as if it had sent the COMMIT and heard nothing
	g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, other, `{"n":1}`)}, Progress: moved(1)}
	_, err = other.Write(t.Context(), g)
	p.passes(err, "not over yet")
	if err := d.commit(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if settled, err := other.Write(t.Context(), g); err != nil || !settled {
		t.Errorf("settled %v, %v", settled, err)
	}
	p.expect("SELECT n FROM events", "1")
}

func TestProgressOfAnotherProcessIsNotTakenForOurs(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	proxy := p.server.Proxy(t)
	other := p.open()
	p.cfg.URL = postgrestest.InSchema(proxy.URL("postgres"), p.name)
	d := p.open()
	proxy.Next(postgrestest.CutBefore)
	g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, d, `{"n":1}`)}, Progress: moved(10)}
	_, err := d.Write(t.Context(), g)
	p.passes(err, "commit: ")
	if _, err := other.Write(t.Context(), &pipeline.Group{Progress: moved(5)}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write(t.Context(), g); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("got %v", err)
	}
	p.expect("SELECT count(*) FROM events", "0")
}

func TestNumbersOfProcessesThatWereKilledGo(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	killed, alive := p.open(), p.open()
	for _, d := range []*DB{killed, alive} {
		p.write(d, encode(t, d, `{"n":1}`))
		p.write(d, encode(t, d, `{"n":2}`))
	}
	p.exec("UPDATE sluice_commits SET at = now() - interval '31 days' WHERE instance = '"+killed.instance+"'",
		"UPDATE sluice_commits SET at = now() - interval '29 days' WHERE instance = '"+alive.instance+"'")
	d := p.open()
	p.expect("SELECT instance, serial FROM sluice_commits", alive.instance+" 2")
	p.write(d, encode(t, d, `{"n":3}`))
	if err := alive.Close(); err != nil {
		t.Error(err)
	}
	p.expect("SELECT instance, serial FROM sluice_commits", d.instance+" 1")
}

func TestALostCommitIsFoundOutWithoutItsNumber(t *testing.T) {
	for name, cut := range map[string]postgrestest.Cut{"before": postgrestest.CutBefore, "after": postgrestest.CutAfter} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, numberColumn, "", "")
			d, proxy := p.behindProxy("")
			d.silence = defaultSilence
			g := group(encode(t, d, `{"n":1}`))
			proxy.Next(cut)
			_, err := d.Write(t.Context(), g)
			p.passes(err, "commit: ")
			p.exec("DELETE FROM sluice_commits")
			p.again(d, g)
			p.expect("SELECT n FROM events", "1")
		})
	}
}

func TestWhichErrorsOfCommitLeaveItOpen(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"none":                                 {nil, false},
		"no answer":                            {errors.New("unexpected EOF"), true},
		"a refusal":                            {&pgconn.PgError{Severity: "ERROR", SeverityUnlocalized: "ERROR"}, false},
		"a refusal in another language":        {&pgconn.PgError{Severity: "FEHLER", SeverityUnlocalized: "ERROR"}, false},
		"a refusal through a pooler":           {&pgconn.PgError{Severity: "ERROR"}, false},
		"the server's last word":               {&pgconn.PgError{Severity: "FATAL", SeverityUnlocalized: "FATAL"}, true},
		"the server's last word in another":    {&pgconn.PgError{Severity: "ERROR", SeverityUnlocalized: "PANIC"}, true},
		"the server's last word, wrapped once": {fmt.Errorf("commit: %w", &pgconn.PgError{Severity: "FATAL"}), true},
	} {
		if got := isUnknown(c.err); got != c.want {
			t.Errorf("%s: got %v", name, got)
		}
	}
}
