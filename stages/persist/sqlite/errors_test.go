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
	if sqlite.ErrCode(err).ToPrimary() != sqlite.ResultFull || !strings.Contains(err.Error(), "make room, then run again") || !strings.Contains(err.Error(), cfg.Path) {
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
		err := whileBusy(t.Context(), func() error { tries++; return busy })
		if !errors.Is(err, busy) || time.Since(begun) != busyTimeout || tries != int(busyTimeout/busyPause)+1 {
			t.Errorf("after %v and %d tries: %v", time.Since(begun), tries, err)
		}
		if text := explain(err, "x.db").Error(); !strings.Contains(text, "locked by another process for 10s: end its transaction") {
			t.Errorf("got %s", text)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		tries := 0
		err := whileBusy(t.Context(), func() error {
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
		if err := whileBusy(ctx, func() error { return busy }); !errors.Is(err, pipeline.ErrAborted) || time.Since(begun) != time.Second {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
	})
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

func TestTheLogDoesNotGrowWithoutBound(t *testing.T) {
	cfg := testConfig(t, row.Columns{{Name: "a", Type: row.TypeText}}, "", "")
	d := mustOpen(t, cfg)
	line := `{"a":"` + strings.Repeat("x", 8<<10) + `"}`
	var largest int64
	for range 100 {
		lines := make([]string, 64)
		for i := range lines {
			lines[i] = line
		}
		write(t, d, encode(t, cfg, lines...))
		if info, err := os.Stat(cfg.Path + "-wal"); err == nil {
			largest = max(largest, info.Size())
		}
	}
	if largest == 0 || largest > 2*checkpointBytes {
		t.Errorf("the log grew to %d bytes", largest)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}
