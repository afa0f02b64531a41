package sqlite

import (
	"context"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"
)

// explain adds to an error of SQLite which database it was and what to do.
func explain(err error, path string) error {
	if err == nil {
		return nil
	}
	advice := ""
	switch code := sqlite.ErrCode(err); code.ToPrimary() {
	case sqlite.ResultFull:
		advice = "the disk is full: make room, then run again; it goes on from its last progress"
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultAuth:
		advice = "the database cannot be written: change the owner or mode of the file and of its directory, or choose another place"
	case sqlite.ResultCantOpen:
		advice = "the database cannot be opened: its directory must exist (mkdir -p) and be open to writing"
	case sqlite.ResultCorrupt:
		advice = "the database is damaged: keep a copy, save what can be saved with sqlite3 FILE .recover, and run into a new file"
	case sqlite.ResultNotADB:
		advice = "the file is not an SQLite database: choose another name, or move the file away"
	case sqlite.ResultBusy, sqlite.ResultLocked:
		advice = "the database is locked by another process: end its transaction, or stop it"
	case sqlite.ResultIOErr:
		advice = "the system could not read or write the file: check the disk, then run again; it goes on from its last progress"
	}
	if advice == "" {
		return fmt.Errorf("%s: %w", path, err)
	}
	return fmt.Errorf("%s: %s: %w", path, advice, err)
}

// busyTimeout is how long another process may hold the write lock when a database
// is opened.
const busyTimeout = 10 * time.Second

// writeTimeout is the same for a Write, which is tried again after it: it makes
// short waits short, and long ones known.
const writeTimeout = time.Second

// busyPause is the time between two tries to get it.
const busyPause = 20 * time.Millisecond

// isLocked says whether an error comes from a lock that another connection holds.
// What it ended can be done again after a rollback.
func isLocked(err error) bool {
	code := sqlite.ErrCode(err).ToPrimary()
	return code == sqlite.ResultBusy || code == sqlite.ResultLocked
}

// whileBusy calls f again while another process holds a lock that it needs,
// for so long at most or until ctx ends.
func whileBusy(ctx context.Context, limit time.Duration, f func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := f()
		if err == nil || sqlite.ErrCode(err).ToPrimary() != sqlite.ResultBusy || !time.Now().Before(deadline) {
			return err
		}
		pause := time.NewTimer(busyPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return context.Cause(ctx)
		}
	}
}
