package sqlite

import (
	"bytes"
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

func TestAFullDiskUndoesTheGroup(t *testing.T) {
	cfg := testConfig(t, nil, "", "")
	d := mustOpen(t, cfg)
	write(t, d, encode(t, cfg, `{"a":1}`))
	if err := query(d.conn, "PRAGMA max_page_count = 10", nil); err != nil {
		t.Fatal(err)
	}
	big := encode(t, cfg, `{"a":"`+strings.Repeat("x", 200<<10)+`"}`)
	_, err := d.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{big}, Progress: []pipeline.Progress{{Source: "s"}}})
	if sqlite.ErrCode(err).ToPrimary() != sqlite.ResultFull || !pipeline.IsTransient(err) || !strings.Contains(err.Error(), "make room") || !strings.Contains(err.Error(), cfg.Path) {
		t.Errorf("got %v", err)
	}
	write(t, d, encode(t, cfg, `{"a":2}`))
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT data FROM events`), `"{\"a\":1}"`, `"{\"a\":2}"`)
	expect(t, lookup(t, cfg.Path, `SELECT count(*) FROM sluice_progress`), "0")
}

func TestErrorsSayWhatToDo(t *testing.T) {
	for name, c := range map[string]struct {
		prepare func(t *testing.T, cfg *Config)
		want    string
	}{
		"not a database": {func(t *testing.T, cfg *Config) {
			if err := os.WriteFile(cfg.Path, bytes.Repeat([]byte("{\"a\":1}\n"), 200), 0o600); err != nil {
				t.Fatal(err)
			}
		}, "is not an SQLite database: choose another name"},
		"no directory": {func(_ *testing.T, cfg *Config) { cfg.Path += ".d/x.db" }, "its directory must exist"},
		"a directory":  {func(_ *testing.T, cfg *Config) { cfg.Path = "." }, "cannot be opened"},
		"damaged": {func(t *testing.T, cfg *Config) {
			d := mustOpen(t, *cfg)
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			f, err := os.OpenFile(cfg.Path, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := f.WriteAt(bytes.Repeat([]byte{0xee}, pageSize-100), 100); err != nil {
				t.Fatal(err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}, "the database is damaged: keep a copy"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, nil, "", "")
			c.prepare(t, &cfg)
			if _, err := Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v; expected %q in it", err, c.want)
			}
		})
	}
}

func TestAReadOnlyDatabaseSaysSo(t *testing.T) {
	cfg := testConfig(t, nil, "", "")
	if err := mustOpen(t, cfg).Close(); err != nil {
		t.Fatal(err)
	}
	conn, err := sqlite.OpenConn(cfg.Path, sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = explain(query(conn, "INSERT INTO events(data) VALUES ('x')", nil), cfg.Path)
	if err == nil || !strings.Contains(err.Error(), "cannot be written: change the owner or mode") {
		t.Errorf("got %v", err)
	}
}

// busy is how SQLite says that another process has the lock.
var busy = sqlite.ResultBusy.ToError()

func TestALockedDatabaseIsTriedForTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun, tries := time.Now(), 0
		err := whileBusy(t.Context(), busyTimeout, func() error { tries++; return busy })
		if !errors.Is(err, busy) || time.Since(begun) != busyTimeout || tries != int(busyTimeout/busyPause)+1 {
			t.Errorf("after %v and %d tries: %v", time.Since(begun), tries, err)
		}
		if text := explain(err, "x.db").Error(); !strings.Contains(text, "locked by another process: end its transaction") {
			t.Errorf("got %s", text)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		err := whileBusy(t.Context(), busyTimeout, func() error {
			if tries++; tries < 3 {
				return busy
			}
			return nil
		})
		if err != nil || tries != 3 {
			t.Errorf("%d tries: %v", tries, err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		begun := time.Now()
		time.AfterFunc(time.Second, func() { cancel(pipeline.ErrAborted) })
		if err := whileBusy(ctx, busyTimeout, func() error { return busy }); !errors.Is(err, pipeline.ErrAborted) || time.Since(begun) != time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
}

// A database without a log gives way to a reader only when it commits: what was
// refused until then stays so when the group comes again.
func TestAGroupThatMetALockIsWrittenWhenItComesAgain(t *testing.T) {
	cfg := testConfig(t, row.Columns{{Name: "n", Type: row.TypeInteger}}, "", "")
	execute(t, cfg.Path, `CREATE TABLE events (n INTEGER CHECK (n < 100))`)
	d := mustOpen(t, cfg)
	if err := errors.Join(d.log.close(), query(d.conn, "PRAGMA journal_mode = DELETE", nil)); err != nil {
		t.Fatal(err)
	}
	d.names = d.names[:1]
	var err error
	if d.log, err = newCheckpointer(t.Context(), cfg.Path, cfg.Synchronous, checkpointBytes); err != nil {
		t.Fatal(err)
	}
	reader, err := sqlite.OpenConn(cfg.Path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for _, sql := range []string{"BEGIN", "SELECT count(*) FROM events"} {
		if err := query(reader, sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	b := encode(t, cfg, `{"n":1}`, `{"n":101}`, `{"n":2}`)
	g := &pipeline.Group{Batches: []*pipeline.Batch{b}, Progress: []pipeline.Progress{{Source: "s", Frontier: 7}}}
	for range 2 {
		if settled, err := d.Write(t.Context(), g); settled || !pipeline.IsTransient(err) || !isLocked(err) || !strings.Contains(err.Error(), "end its transaction") {
			t.Fatalf("beside a reader: settled %v, %v", settled, err)
		}
	}
	if !d.conn.AutocommitEnabled() || b.Dead() != 1 {
		t.Errorf("a transaction is open, or %d records are dead, want 1", b.Dead())
	}
	if err := query(reader, "COMMIT", nil); err != nil {
		t.Fatal(err)
	}
	if settled, err := d.Write(t.Context(), g); !settled || err != nil {
		t.Fatalf("when the reader is gone: settled %v, %v", settled, err)
	}
	write(t, d, encode(t, cfg, `{"n":3}`))
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT n FROM events`), "1", "2", "3")
	expect(t, lookup(t, cfg.Path, `SELECT code FROM dead_letters`), `"constraint"`)
	expect(t, lookup(t, cfg.Path, `SELECT frontier, version FROM sluice_progress`), "7 1")
}

func TestALockThatIsHeldIsTransient(t *testing.T) {
	cfg := testConfig(t, nil, "", "")
	d, other := mustOpen(t, cfg), mustOpen(t, cfg)
	if err := run(other.begin); err != nil {
		t.Fatal(err)
	}
	b := encode(t, cfg, `{"a":1}`)
	g := &pipeline.Group{Batches: []*pipeline.Batch{b}}
	if settled, err := d.Write(t.Context(), g); settled || !pipeline.IsTransient(err) {
		t.Errorf("settled %v, %v", settled, err)
	}
	if err := run(other.rollback); err != nil {
		t.Fatal(err)
	}
	if settled, err := d.Write(t.Context(), g); !settled || err != nil {
		t.Errorf("settled %v, %v", settled, err)
	}
	if err := errors.Join(other.Close(), d.Close()); err != nil {
		t.Error(err)
	}
}

func TestTheWriterWaitsForAnotherTransaction(t *testing.T) {
	cfg := testConfig(t, nil, "", "")
	d := mustOpen(t, cfg)
	other := mustOpen(t, cfg)
	if err := run(other.begin); err != nil {
		t.Fatal(err)
	}
	b := encode(t, cfg, `{"a":1}`)
	done := make(chan error)
	go func() {
		_, err := d.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{b}})
		done <- err
	}()
	select {
	case err := <-done:
		t.Errorf("it did not wait: %v", err)
	default:
	}
	if err := run(other.rollback); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := errors.Join(other.Close(), d.Close()); err != nil {
		t.Error(err)
	}
}
