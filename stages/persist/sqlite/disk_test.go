package sqlite

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"sluice/pipeline"
	"sluice/stages/persist/sqlite/sqlitetest"
)

// What a disk does in the middle of a run: the group is stored once when it
// comes again, or the run ends and the next one goes on from the progress.
func TestWhatTheDiskRefusesIsWaitedForOrEndsTheRun(t *testing.T) {
	for name, c := range map[string]struct {
		operation, kind string
		code            int32
		waits           bool
		want            string
	}{
		"the disk is full":       {"write", "wal", sqlitetest.Full, true, "the disk is full: make room"},
		"the quota is used up":   {"write", "wal", sqlitetest.WriteFailed, true, "look at the quota"},
		"the disk does not sync": {"sync", "wal", sqlitetest.SyncFailed, false, "check the disk, then run again"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, numberColumn, "", "")
			cfg.Synchronous = "full"
			folder := &sqlitetest.Folder{}
			sqlitetest.Watch(filepath.Dir(cfg.Path), folder)
			defer sqlitetest.Forget(filepath.Dir(cfg.Path))
			d := mustOpen(t, cfg)
			if _, err := d.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":1}`)}, Progress: moved(1)}); err != nil {
				t.Fatal(err)
			}
			folder.Break(c.operation, c.kind, c.code)
			g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":2}`, `{"n":"x"}`)}, Progress: moved(2)}
			for range 3 {
				settled, err := d.Write(t.Context(), g)
				if settled || pipeline.IsTransient(err) != c.waits || err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), cfg.Path) {
					t.Fatalf("settled %v, %v", settled, err)
				}
				if !c.waits {
					break
				}
			}
			folder.Mend()
			if !c.waits {
				if err := d.Close(); err != nil {
					t.Fatal(err)
				}
				d = mustOpen(t, cfg)
				start, err := d.Progress()
				if err != nil || len(start) != 1 || start[0].Frontier != 1 {
					t.Fatalf("%+v, %v", start, err)
				}
				g.Batches[0] = encode(t, cfg, `{"n":2}`, `{"n":"x"}`)
				g.Progress[0].Version = start[0].Version
			}
			if settled, err := d.Write(t.Context(), g); !settled || err != nil {
				t.Fatalf("settled %v, %v", settled, err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			expect(t, lookup(t, cfg.Path, `SELECT n FROM events`), "1", "2")
			expect(t, lookup(t, cfg.Path, `SELECT count(*) FROM dead_letters`), "1")
			expect(t, lookup(t, cfg.Path, `SELECT frontier, version FROM sluice_progress`), "2 2")
		})
	}
}

// A log that cannot be carried over does not grow without bound: the writer
// waits for room.
func TestALogThatCannotBeCarriedOverIsWaitedFor(t *testing.T) {
	cfg, line := logConfig(t)
	folder := &sqlitetest.Folder{}
	sqlitetest.Watch(filepath.Dir(cfg.Path), folder)
	defer sqlitetest.Forget(filepath.Dir(cfg.Path))
	d := mustOpen(t, cfg)
	folder.Break("write", "db", sqlitetest.Full)
	written := 0
	var err error
	for err == nil && written < 100 {
		if _, err = d.Write(t.Context(), groupOf(t, cfg, line)); err == nil {
			written++
		}
	}
	size := d.log.size()
	if !pipeline.IsTransient(err) || !strings.Contains(err.Error(), "carry the log over to the database") || size > (logBounds+2)*cfg.CheckpointBytes {
		t.Fatalf("after %d groups, with %d bytes: %v", written, size, err)
	}
	g := groupOf(t, cfg, line)
	for range 3 {
		if _, err := d.Write(t.Context(), g); !pipeline.IsTransient(err) {
			t.Fatal(err)
		}
	}
	if d.log.size() != size {
		t.Errorf("it has grown from %d to %d bytes", size, d.log.size())
	}
	folder.Mend()
	if settled, err := d.Write(t.Context(), g); !settled || err != nil {
		t.Fatalf("settled %v, %v", settled, err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT count(*) FROM events`), fmt.Sprint((written+1)*64))
}

func TestADirectoryThatCannotBeWrittenSaysSo(t *testing.T) {
	cfg := testConfig(t, nil, "", "")
	cfg.Path = filepath.Join("/proc", "events.db") // nobody makes files there, not even root
	if _, err := Open(t.Context(), cfg); err == nil || !strings.Contains(err.Error(), "open to writing") {
		t.Errorf("got %v", err)
	}
}
