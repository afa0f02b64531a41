package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// SQLite keeps the log beside the database itself, wherever a link to it lies.
func TestADatabaseBehindALinkIsCarriedOverToo(t *testing.T) {
	cfg, line := logConfig(t)
	link := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(cfg.Path, link); err != nil {
		t.Skip("no symbolic links here: run on a file system that has them:", err)
	}
	database := cfg.Path
	cfg.Path = link // to a database that is not there yet
	d := mustOpen(t, cfg)
	var largest int64
	for range 50 {
		write(t, d, groupOf(t, cfg, line).Batches...)
		info, err := os.Stat(database + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, info.Size())
	}
	if bound := int64(logBounds+2) << 20; largest > bound {
		t.Errorf("the log grew to %d bytes, expected at most %d", largest, bound)
	}
	if uri := readOnly(link); strings.Contains(uri, "immutable") {
		t.Errorf("%s passes over what is in the log", uri)
	}
	if err := errors.Join(Check(t.Context(), cfg), d.Close()); err != nil {
		t.Error(err)
	}
	expect(t, lookup(t, database, `SELECT count(*) FROM events`), "3200")
}
