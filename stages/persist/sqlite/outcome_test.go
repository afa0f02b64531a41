package sqlite

import (
	"errors"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// moved is how far a source is after n groups.
func moved(n int64) []pipeline.Progress {
	return []pipeline.Progress{{Source: "s", Name: "in.ndjson", Frontier: n, Lanes: [4]int64{n, n, n, n}, High: n}}
}

var numberColumn = row.Columns{{Name: "n", Type: row.TypeInteger}}

// A COMMIT whose answer is lost is neither forgotten nor repeated.
func TestALostCommitIsFoundOut(t *testing.T) {
	broken := sqlite.ResultIOErrFsync.ToError()
	for name, c := range map[string]struct {
		at     moment
		err    error
		stores bool // at once
		again  bool // the group may be written again
	}{
		"done, then the disk failed":      {after, broken, true, false},
		"done, then it was full":          {after, sqlite.ResultFull.ToError(), true, false},
		"not done, it was full":           {before, sqlite.ResultFull.ToError(), false, true},
		"not done, somebody had a lock":   {before, busy, false, true},
		"not done, the disk failed":       {before, broken, false, false},
		"not done, the quota was used up": {before, sqlite.ResultIOErrWrite.ToError(), false, true},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, numberColumn, "", "")
			d := mustOpen(t, cfg)
			write(t, d, encode(t, cfg, `{"n":1}`))
			d.cfg.faults = failing(opCommit, 1, c.at, c.err)
			g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":2}`)}, Progress: moved(1)}
			settled, err := d.Write(t.Context(), g)
			if settled != c.stores || (err == nil) != c.stores || pipeline.IsTransient(err) != c.again {
				t.Fatalf("settled %v, %v", settled, err)
			}
			if err != nil && !strings.Contains(err.Error(), "commit: ") {
				t.Errorf("got %v", err)
			}
			if c.again {
				if settled, err = d.Write(t.Context(), g); !settled || err != nil {
					t.Fatalf("again: settled %v, %v", settled, err)
				}
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			want := []string{"1", "2"}
			if !c.stores && !c.again {
				want = want[:1]
			}
			expect(t, lookup(t, cfg.Path, `SELECT n FROM events`), want...)
		})
	}
}

// When the progress cannot be read back either, that is done first the next
// time.
func TestALostCommitIsFoundOutLater(t *testing.T) {
	for name, at := range map[string]moment{"it was done": after, "it was not": before} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, numberColumn, "", "")
			d := mustOpen(t, cfg)
			d.cfg.faults = failing(opCommit, 1, at, busy)
			d.cfg.faults.next = failing(opLook, 1, before, busy)
			d.cfg.faults.next.next = failing(opLook, 1, before, busy)
			g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":1}`)}, Progress: moved(1)}
			for range 2 {
				if settled, err := d.Write(t.Context(), g); settled || !pipeline.IsTransient(err) || !strings.Contains(err.Error(), "read the progress back") {
					t.Fatalf("settled %v, %v", settled, err)
				}
			}
			if settled, err := d.Write(t.Context(), g); !settled || err != nil {
				t.Fatalf("settled %v, %v", settled, err)
			}
			if _, err := d.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":2}`)}, Progress: moved(2)}); err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			expect(t, lookup(t, cfg.Path, `SELECT n FROM events`), "1", "2")
			expect(t, lookup(t, cfg.Path, `SELECT frontier, version FROM sluice_progress`), "2 2")
		})
	}
}

// Progress that another process has moved to the same version, but not to the
// same place, is not ours.
func TestProgressOfAnotherProcessIsNotTakenForOurs(t *testing.T) {
	cfg := testConfig(t, numberColumn, "", "")
	d, other := mustOpen(t, cfg), mustOpen(t, cfg)
	d.cfg.faults = failing(opCommit, 1, before, busy)
	g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":1}`)}, Progress: moved(10)}
	d.cfg.faults.next = failing(opLook, 1, before, busy)
	if _, err := d.Write(t.Context(), g); !pipeline.IsTransient(err) {
		t.Fatal(err)
	}
	if _, err := other.Write(t.Context(), &pipeline.Group{Progress: moved(5)}); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Write(t.Context(), g); !errors.Is(err, pipeline.ErrFenced) {
		t.Errorf("got %v", err)
	}
	if err := errors.Join(other.Close(), d.Close()); err != nil {
		t.Error(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT count(*) FROM events`), "0")
}

// Somebody who changes a table in mid-run is waited for, and nothing is lost or
// stored where it does not belong.
func TestATableThatIsChangedInMidRunIsWaitedFor(t *testing.T) {
	for name, c := range map[string]struct{ breaks, want, mends string }{
		"dropped":            {`DROP TABLE events`, `table events of`, `CREATE TABLE events (n INTEGER)`},
		"renamed":            {`ALTER TABLE events RENAME TO old`, `is gone; create it again: CREATE TABLE "events" ("n" INTEGER);`, `ALTER TABLE old RENAME TO events`},
		"a column renamed":   {`ALTER TABLE events RENAME COLUMN n TO m`, `column n is missing`, `ALTER TABLE events RENAME COLUMN m TO n`},
		"progress dropped":   {`ALTER TABLE sluice_progress RENAME TO old`, `table sluice_progress of`, `ALTER TABLE old RENAME TO sluice_progress`},
		"a column demanding": {`ALTER TABLE events RENAME TO old; CREATE TABLE events (n INTEGER, m TEXT NOT NULL)`, `column m is NOT NULL`, `DROP TABLE events; ALTER TABLE old RENAME TO events`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := testConfig(t, numberColumn, "", "")
			d := mustOpen(t, cfg)
			if _, err := d.Write(t.Context(), &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":1}`)}, Progress: moved(1)}); err != nil {
				t.Fatal(err)
			}
			execute(t, cfg.Path, strings.Split(c.breaks, "; ")...)
			g := &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, `{"n":2}`)}, Progress: moved(2)}
			for range 2 {
				if settled, err := d.Write(t.Context(), g); settled || !pipeline.IsTransient(err) || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("settled %v, %v", settled, err)
				}
			}
			execute(t, cfg.Path, strings.Split(c.mends, "; ")...)
			if settled, err := d.Write(t.Context(), g); !settled || err != nil {
				t.Fatalf("settled %v, %v", settled, err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			expect(t, lookup(t, cfg.Path, `SELECT max(n) FROM events`), "2")
			expect(t, lookup(t, cfg.Path, `SELECT frontier, version FROM sluice_progress`), "2 2")
		})
	}
}
