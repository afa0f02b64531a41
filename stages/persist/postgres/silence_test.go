package postgres

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
	"sluice/stages/persist/postgrestest"
)

// behindProxy makes a sink through a proxy that asks soon whether the server is
// at it.
func (p *place) behindProxy(options string) (*DB, *postgrestest.Proxy) {
	p.Helper()
	proxy := p.server.Proxy(p)
	p.cfg.URL = postgrestest.InSchema(proxy.URL("postgres"), p.name) + options
	d := p.open()
	d.silence = 20 * time.Millisecond
	return d, proxy
}

// A connection that is lost in silence, as behind a router that forgets it, is
// given up: the server waits for what was sent.
func TestAConnectionThatIsLostInSilenceIsMadeAnew(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	d, proxy := p.behindProxy("")
	p.write(d, encode(t, d, `{"n":1}`))
	g := group(encode(t, d, `{"n":2}`))
	proxy.Freeze(false)
	_, err := d.Write(t.Context(), g)
	p.passes(err, "it waits for something to be sent itself")
	p.again(d, g)
	proxy.Thaw()
	p.expect("SELECT n FROM events ORDER BY n", "1", "2")
}

func TestAConnectionThatTheServerHasEndedUnheardIsMadeAnew(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	d, proxy := p.behindProxy("")
	p.write(d, encode(t, d, `{"n":1}`))
	g := group(encode(t, d, `{"n":2}`))
	proxy.Freeze(false)
	pid := d.backend.Load()
	p.exec("SELECT pg_terminate_backend(" + string(number(pid)) + ", 10000)")
	_, err := d.Write(t.Context(), g)
	p.passes(err, "has ended this connection, which was not heard of here")
	p.again(d, g)
	p.expect("SELECT n FROM events ORDER BY n", "1", "2")
}

// A server that hangs, with what it was sent, is told of and waited for.
func TestAServerThatHangsIsWaitedFor(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	d, proxy := p.behindProxy("&connect_timeout=1")
	p.write(d, encode(t, d, `{"n":1}`))
	g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, d, `{"n":2}`)}, Progress: moved(1)}
	proxy.Freeze(true)
	_, err := d.Write(t.Context(), g)
	p.passes(err, "the server does not answer, and does not take another connection either")
	_, err = d.Write(t.Context(), g)
	p.passes(err, "the server does not answer: check host and port")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(pipeline.ErrAborted)
	if _, err := d.Write(ctx, g); !errors.Is(err, pipeline.ErrAborted) {
		t.Errorf("got %v", err)
	}
	proxy.Thaw()
	p.again(d, g)
	p.expect("SELECT n FROM events ORDER BY n", "1", "2")
}

// A write that waits for a server that hangs ends with its context.
func TestAServerThatHangsKeepsNobodyFromEnding(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	d, proxy := p.behindProxy("")
	d.silence = time.Hour
	g := group(encode(t, d, `{"n":2}`))
	proxy.Freeze(true)
	for name, begin := range map[string]func(){"in a transaction": func() {}, "connecting": d.disconnect} {
		begin()
		held := proxy.Held()
		ctx, cancel := context.WithCancelCause(t.Context())
		done := make(chan error)
		go func() {
			_, err := d.Write(ctx, g)
			done <- err
		}()
		for proxy.Held() == held {
			runtime.Gosched()
		}
		cancel(pipeline.ErrAborted)
		if err := <-done; !errors.Is(err, pipeline.ErrAborted) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	proxy.Thaw()
	p.again(d, g)
}

// A server that is at it is left alone, however long that takes.
func TestAServerThatWorksIsNotInterrupted(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	p.exec("CREATE TABLE events (n bigint)",
		"CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(0.5); RETURN NEW; END$$",
		"CREATE TRIGGER t BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION slow()")
	d, _ := p.behindProxy("")
	p.write(d, encode(t, d, `{"n":1}`))
	p.expect("SELECT n FROM events", "1")
}

func TestWhoHoldsALockIsNamed(t *testing.T) {
	p := newPlace(t, keyedColumns, "", "")
	p.cfg.URL += "&lock_timeout=1"
	d, holder := p.open(), p.open()
	p.write(d, encode(t, d, `{"a":"x","b":1}`))
	for name, hold := range map[string]string{"the table": "LOCK TABLE events", "a row": "UPDATE events SET v = 'held'"} {
		if err := execute(t.Context(), holder.conn, "BEGIN", "SET LOCAL application_name = 'holder'", hold); err != nil {
			t.Fatal(err)
		}
		g := group(encode(t, d, `{"a":"x","b":1,"v":"new"}`))
		_, err := d.Write(t.Context(), g)
		p.passes(err, "locks are held by process "+string(number(holder.backend.Load()))+" (holder, sluice, idle in transaction)")
		if err != nil && !strings.Contains(err.Error(), "somebody else holds a lock that sluice needs") {
			t.Errorf("%s: got %v", name, err)
		}
		if err := execute(t.Context(), holder.conn, "ROLLBACK"); err != nil {
			t.Fatal(err)
		}
		p.again(d, g)
	}
	p.expect("SELECT v FROM events", "new")
}

func TestASessionHasALimitForLocksUnlessItIsGivenOne(t *testing.T) {
	p := newPlace(t, numberColumn, "", "")
	for options, want := range map[string]string{"": "5s", "&lock_timeout=5min": "5min", "&lock_timeout=0": "0"} {
		cfg := p.cfg
		cfg.URL += options
		d, err := Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := query(t.Context(), d.conn, "SHOW lock_timeout")
		if err != nil || rows[0][0] != want {
			t.Errorf("got %v, %v", rows, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	}
}
