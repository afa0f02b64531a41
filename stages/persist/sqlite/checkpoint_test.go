package sqlite

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/persist/row"
)

// logConfig is for a table of one text, and a log that is carried over every
// mebibyte.
func logConfig(t *testing.T) (cfg Config, line string) {
	cfg = testConfig(t, row.Columns{{Name: "a", Type: row.TypeText}}, "", "")
	cfg.CheckpointBytes = 1 << 20
	return cfg, `{"a":"` + strings.Repeat("x", 8<<10) + `"}`
}

// groupOf is a group of half a mebibyte.
func groupOf(t *testing.T, cfg Config, line string) *pipeline.Group {
	lines := make([]string, 64)
	for i := range lines {
		lines[i] = line
	}
	return &pipeline.Group{Batches: []*pipeline.Batch{encode(t, cfg, lines...)}}
}

func TestTheLogDoesNotGrowWithoutBound(t *testing.T) {
	cfg, line := logConfig(t)
	d := mustOpen(t, cfg)
	var largest, restarts, last int64
	for range 100 {
		write(t, d, groupOf(t, cfg, line).Batches...)
		size := d.log.size()
		if size < last {
			restarts++
		}
		largest, last = max(largest, size), size
	}
	t.Logf("the log grew to %d bytes at most and started anew %d times", largest, restarts)
	if restarts == 0 || largest > (logBounds+2)*cfg.CheckpointBytes {
		t.Errorf("the log grew to %d bytes and started anew %d times", largest, restarts)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT count(*) FROM events`), "6400")
	expect(t, lookup(t, cfg.Path, `PRAGMA integrity_check`), `"ok"`)
}

// The passes of a checkpoint hold no lock that the writer needs.
func TestTheWriterGoesOnDuringACheckpoint(t *testing.T) {
	cfg, line := logConfig(t)
	d := mustOpen(t, cfg)
	release := make(chan struct{})
	d.log.held = release
	for d.log.passes == nil {
		write(t, d, groupOf(t, cfg, line).Batches...)
	}
	write(t, d, groupOf(t, cfg, line).Batches...) // while it is under way
	for d.log.size() <= d.log.next+logBounds*cfg.CheckpointBytes {
		write(t, d, groupOf(t, cfg, line).Batches...)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(pipeline.ErrAborted)
	if err := d.log.keep(ctx); !errors.Is(err, pipeline.ErrAborted) {
		t.Errorf("beyond the bound it does not wait: %v", err)
	}
	close(release)
	write(t, d, groupOf(t, cfg, line).Batches...)
	if size := d.log.size(); size > cfg.CheckpointBytes {
		t.Errorf("the log did not start anew: %d bytes", size)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// A reader keeps the log from starting anew, and nothing worse.
func TestAReaderKeepsTheLog(t *testing.T) {
	cfg, line := logConfig(t)
	d := mustOpen(t, cfg)
	write(t, d, groupOf(t, cfg, line).Batches...)
	reader, err := sqlite.OpenConn(cfg.Path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{"BEGIN", "SELECT count(*) FROM events"} {
		if err := query(reader, sql, nil); err != nil {
			t.Fatal(err)
		}
	}
	const groups = 20
	for range groups {
		write(t, d, groupOf(t, cfg, line).Batches...)
	}
	if size := d.log.size(); size < groups*cfg.CheckpointBytes/2 {
		t.Errorf("the log has %d bytes", size)
	}
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	for range groups {
		write(t, d, groupOf(t, cfg, line).Batches...)
	}
	if size := d.log.size(); size > groups*cfg.CheckpointBytes/2 {
		t.Errorf("when the reader is gone the log has %d bytes", size)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(cfg.Path + "-wal"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the log is there: %v", err)
	}
	expect(t, lookup(t, cfg.Path, `SELECT count(*) FROM events`), "2624")
}
