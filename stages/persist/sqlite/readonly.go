package sqlite

import (
	"net/url"
	"os"
	"path/filepath"

	"sluice/stages/persist/disk"
)

// writable says whether this process may write a database, which takes its
// directory, too: the log is there.
func writable(path string) bool {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	// The file must not be opened: closing it would end the locks that a sink of this
	// process has on it (sqlite.org/howtocorrupt.html, 2.2).
	return disk.MayWrite(path) && disk.OS.Writable(filepath.Dir(path)) == nil
}

// readOnly returns the URI that opens a database without leaving a trace. A
// reader of a database in WAL mode makes the files of the log where there are
// none; it has no need to when no log is there.
func readOnly(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real // the log is beside the database itself, not beside a link to it
	}
	options := url.Values{"mode": {"ro"}}
	if _, err := os.Stat(path + "-wal"); err != nil {
		options.Set("immutable", "1")
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}).String()
}
