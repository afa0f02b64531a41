package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"zombiezen.com/go/sqlite"

	"sluice/stages/persist/disk"
	"sluice/stages/persist/misfits"
	"sluice/stages/persist/progress"
)

// isMisfit says whether an error is about the tables, and says all of it itself.
func isMisfit(err error) bool {
	_, misfit := errors.AsType[*misfits.Error](err)
	_, absent := errors.AsType[*absentError](err)
	return misfit || absent
}

// explain adds to an error of SQLite which database it was and what to do.
func explain(err error, path string) error {
	if _, gone := errors.AsType[*progress.Gone](err); err == nil || gone || isMisfit(err) || isAstray(err) {
		return err // it says all of this itself
	}
	if advice := advise(sqlite.ErrCode(err)); advice != "" {
		return fmt.Errorf("%s: %s: %w", path, advice, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

func advise(code sqlite.ResultCode) string {
	switch code.ToPrimary() {
	case sqlite.ResultFull:
		return "the disk is full: make room"
	case sqlite.ResultReadOnly, sqlite.ResultPerm, sqlite.ResultAuth:
		return "the database cannot be written: change the owner or mode of the file and of its directory, or choose another place"
	case sqlite.ResultCantOpen:
		return "the database cannot be opened: its directory must exist (mkdir -p) and be open to writing"
	case sqlite.ResultCorrupt:
		return "the database is damaged: keep a copy, save what can be saved with sqlite3 FILE .recover, and run into a new file"
	case sqlite.ResultNotADB:
		return "the file is not an SQLite database: choose another name, or move the file away"
	case sqlite.ResultBusy, sqlite.ResultLocked:
		return "the database is locked by another process: end its transaction, or stop it"
	case sqlite.ResultIOErr:
		if refusedWrite(code) {
			return "the system does not take more of the file: look at the quota, the limit on the size of files (ulimit -f) and the disk"
		}
		return "the system could not read or write the file: check the disk, then run again; it goes on from its last progress"
	}
	return ""
}

// refusedWrite says whether the system refused to write: what a quota or a limit
// does. Nothing is lost by it, unlike by a sync that fails, after which the system
// may have forgotten what it was to write.
func refusedWrite(code sqlite.ResultCode) bool {
	return code == sqlite.ResultIOErrWrite || code == sqlite.ResultIOErrSHMSize
}

// passing says whether an error may pass, so that the same group can be written
// again after the rollback: another connection has the lock, there is no room, or
// a table is not as it must be until somebody mends it.
func passing(err error) bool {
	code := sqlite.ErrCode(err)
	return isMisfit(err) || disk.Passes(err) || errors.Is(err, errGone) || isLocked(err) || code.ToPrimary() == sqlite.ResultFull || refusedWrite(code)
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
