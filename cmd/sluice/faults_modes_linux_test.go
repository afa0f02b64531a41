package main

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// obeysModes, set in the environment of a process, takes from root the right to
// pass over the modes of files, so that they bind as they do everybody else.
const obeysModes = "TEST_OBEYS_MODES=1"

func init() {
	if !slices.Contains(os.Environ(), obeysModes) || os.Getuid() != 0 {
		return
	}
	// What a thread may is what the program has that it executes.
	runtime.LockOSThread()
	for _, right := range []uintptr{unix.CAP_DAC_OVERRIDE, unix.CAP_DAC_READ_SEARCH} {
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, right, 0, 0, 0); err != nil {
			panic(err)
		}
	}
	environ := slices.DeleteFunc(os.Environ(), func(v string) bool { return v == obeysModes })
	path, err := os.Executable()
	if err == nil {
		err = syscall.Exec(path, os.Args, environ)
	}
	panic(err)
}

// mode gives what is at path another mode, until the test ends.
func mode(t *testing.T, path string, m os.FileMode) (back func()) {
	t.Helper()
	info, err := os.Stat(path)
	if err == nil {
		err = os.Chmod(path, m)
	}
	if err != nil {
		t.Fatal(err)
	}
	back = func() { _ = os.Chmod(path, info.Mode()) } // it may be gone
	t.Cleanup(back)
	return back
}

func TestAFolderThatBecomesReadOnlyIsWaitedForWhereItIsNeeded(t *testing.T) {
	const says = "permission denied: sluice needs to write there: change its owner or mode"
	for _, tc := range []struct {
		name  string
		store func(dir string) *store
		waits bool // it needs more of the folder than the files that are open
	}{
		{"SQLite", inSQLite, false},
		{"a file", func(dir string) *store { return inFiles(dir, "") }, false},
		{"files that rotate", func(dir string) *store { return inFiles(dir, "?rotate_size=4KiB") }, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTemp(t, nil)
			if err := os.Mkdir("data", 0o755); err != nil {
				t.Fatal(err)
			}
			d := tc.store("data")
			d.environ = []string{obeysModes}
			s := startOn(t, d)
			var back func()
			o := outage{inflict: func() { back = mode(t, "data", 0o555) }}
			if tc.waits {
				o.says, o.cure = []string{says}, func() { back() }
			}
			outlive(t, s, d, o)
		})
	}
}

func TestASinkThatMayNotBeWrittenCannotBeOpened(t *testing.T) {
	for _, tc := range []struct {
		name  string
		store func(dir string) *store
		file  string // that may not be written; "" for the folder
		exit  int
		says  []string
	}{
		{"a folder for SQLite", inSQLite, "", exitFailed, []string{"out.db", "open to writing"}},
		{"a database of SQLite", inSQLite, "out.db", exitFailed, []string{"out.db", "cannot be written: change the owner or mode"}},
		{"a folder for a file", func(dir string) *store { return inFiles(dir, "") }, "", exitUsage, []string{"write into data", "change its owner or mode"}},
		{"a file", func(dir string) *store { return inFiles(dir, "") }, "rows.ndjson", exitFailed, []string{"rows.ndjson", "change its owner or mode"}},
		{"a folder for files that rotate", func(dir string) *store { return inFiles(dir, "?rotate_size=4KiB") }, "", exitUsage, []string{"write into data", "change its owner or mode"}},
		{"a file of dead letters", func(dir string) *store { return inFiles(dir, "") }, "dead_letters.ndjson", exitUsage, []string{"dead_letters.ndjson", "change its owner or mode"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTemp(t, nil)
			if err := os.Mkdir("data", 0o755); err != nil {
				t.Fatal(err)
			}
			path, m := filepath.Join("data", tc.file), os.FileMode(0o555)
			if tc.file != "" {
				writeFile(t, path, "")
				m = 0o444
			}
			back := mode(t, path, m)
			d := tc.store("data")
			d.environ = []string{obeysModes}
			cannotStart(t, d, tc.exit, tc.says...)
			back()
			startsNow(t, d)
		})
	}
}
