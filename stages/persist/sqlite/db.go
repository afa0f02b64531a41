package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"zombiezen.com/go/sqlite"

	"sluice/pipeline"
	"sluice/stages/crash"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/progress"
	"sluice/stages/persist/row"
)

// Measured on rows of the benchmark job: pages of 8 KiB instead of 4 take a
// fifth less time, because the system is called half as often.
const (
	pageSize        = 8 << 10
	cacheBytes      = 8 << 20
	checkpointBytes = 16 << 20 // the log is carried over to the database when it has grown by this
)

// Outside is what SQLite takes from the system at most beside Go's heap, in bytes:
// its cache, and copies of a megabyte's record in its parts. Measured.
const Outside = cacheBytes + 16<<20

// Config says what a DB is to be.
type Config struct {
	Path        string
	Table       string
	Layout      *row.Layout
	OnConflict  row.Conflict     // what becomes of a row whose key is there; "" for row.ConflictUpdate
	Synchronous string           // off, normal, full or extra
	DeadLetters *deadletter.File // nil for the table DeadLettersTable
	Now         func() time.Time
	Forget      bool         // let progress go that vouches for rows of a table that is gone
	Warn        func(string) // nil for nobody who would hear

	CheckpointBytes int64   // for tests; 0 for checkpointBytes
	faults          *faults // for tests; nil for none
}

// DB is the sink. It is used by one goroutine at a time.
type DB struct {
	cfg      Config
	conn     *sqlite.Conn
	done     <-chan struct{} // what interrupts conn
	begin    *sqlite.Stmt
	commit   *sqlite.Stmt
	rollback *sqlite.Stmt
	schema   *sqlite.Stmt // reads the schema's version
	version  int64        // of the schema that the tables were compared in
	log      *checkpointer
	rows     *inserter
	dead     *sqlite.Stmt
	replays  replays
	moves    moves
	fence    progress.Fence
	names    []named
	warnings []string // of the making of tables, until it is committed
	unsure   bool     // whether the group is stored whose COMMIT failed
}

// Open opens or makes the database, and makes the tables that are absent. A
// table that does not fit is a *misfits.Error, one that is absent though there is
// progress into it a *progress.Gone.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	conn, err := sqlite.OpenConn(cfg.Path, sqlite.OpenReadWrite|sqlite.OpenCreate)
	if err != nil {
		return nil, explain(err, cfg.Path)
	}
	d := &DB{cfg: cfg, conn: conn}
	if err := d.open(ctx); err != nil {
		return nil, errors.Join(explain(err, cfg.Path), d.closeConns())
	}
	return d, nil
}

func (d *DB) open(ctx context.Context) error {
	d.conn.SetBusyTimeout(busyPause) // the rest of the waiting is whileBusy's
	settings := []string{
		fmt.Sprintf("PRAGMA page_size = %d", pageSize), // of a new database
		"PRAGMA journal_mode = WAL",
		"PRAGMA synchronous = " + d.cfg.Synchronous,
		fmt.Sprintf("PRAGMA cache_size = -%d", cacheBytes>>10),
		fmt.Sprintf("PRAGMA journal_size_limit = %d", cmp.Or(d.cfg.CheckpointBytes, checkpointBytes)),
		"PRAGMA wal_autocheckpoint = 0", // the checkpointer does it
	}
	for _, sql := range settings {
		if err := whileBusy(ctx, busyTimeout, func() error { return query(d.conn, sql, nil) }); err != nil {
			return err
		}
	}
	if err := d.prepareTransactions(); err != nil {
		return err
	}
	if err := d.makeTables(ctx); err != nil {
		return err
	}
	d.warn()
	if err := d.prepareInserts(); err != nil {
		return err
	}
	if err := d.remember(); err != nil {
		return err
	}
	var err error
	d.log, err = newCheckpointer(ctx, d.cfg.Path, d.cfg.Synchronous, cmp.Or(d.cfg.CheckpointBytes, checkpointBytes))
	return err
}

// tables returns all that the database must have.
func (c *Config) tables() []table {
	tables := []table{tableOf(c.Table, c.Layout), progressTable}
	if c.DeadLetters == nil {
		tables = append(tables, deadLetters)
	}
	return tables
}

// makeTables compares and makes the tables in one transaction, so that two
// processes that start together do not meet in the middle.
func (d *DB) makeTables(ctx context.Context) (err error) {
	if err := d.start(ctx, busyTimeout); err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = d.run(opCommit, d.commit)
		}
		if err != nil {
			err = errors.Join(err, d.undo())
		}
	}()
	var misfits []error
	for _, t := range d.cfg.tables() {
		misfits = append(misfits, compare(d.conn, d.cfg.Path, t))
	}
	if err := errors.Join(misfits...); err != nil {
		return err
	}
	made := false
	for i, t := range d.cfg.tables() {
		have, err := inspect(d.conn, t.name)
		if err != nil {
			return err
		}
		if have.kind == "" {
			if err := query(d.conn, t.create(), nil); err != nil {
				return err
			}
			made = made || i == 0
		}
	}
	// Progress and dead letters are the table's, however it is spelled.
	if d.cfg.Table, err = nameOf(d.conn, d.cfg.Table); err != nil {
		return err
	}
	return d.heed(made)
}

// warn tells what was found while tables were made.
func (d *DB) warn() {
	for _, w := range d.warnings {
		if d.cfg.Warn != nil {
			d.cfg.Warn(w)
		}
	}
	d.warnings = nil
}

func (d *DB) prepareInserts() (err error) {
	if d.rows, err = newInserter(d.conn, tableOf(d.cfg.Table, d.cfg.Layout), d.cfg.Layout, d.cfg.OnConflict); err != nil {
		return err
	}
	if d.cfg.DeadLetters == nil {
		if d.dead, err = d.conn.Prepare(deadLetters.insert(1, row.ConflictDead)); err != nil {
			return err
		}
		if err = d.replays.prepare(d.conn); err != nil {
			return err
		}
	}
	return d.moves.prepare(d.conn)
}

// Check compares the tables of an existing database, which it opens for
// reading only. A database that is absent is fine; one that another process holds is
// waited for, for a while or until ctx ends.
func Check(ctx context.Context, cfg Config) error {
	if _, err := os.Stat(cfg.Path); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	conn, err := sqlite.OpenConn(readOnly(cfg.Path), sqlite.OpenReadOnly|sqlite.OpenURI)
	if err != nil {
		return explain(err, cfg.Path)
	}
	conn.SetBusyTimeout(busyPause) // the rest of the waiting is whileBusy's
	var errs []error
	for _, t := range cfg.tables() {
		err := whileBusy(ctx, busyTimeout, func() error { return compare(conn, cfg.Path, t) })
		errs = append(errs, explain(err, cfg.Path))
		if err != nil && !isMisfit(err) {
			break
		}
	}
	return errors.Join(append(errs, conn.Close())...)
}

// Progress returns the progress of all sources into the table.
func (d *DB) Progress() ([]pipeline.Progress, error) {
	all, err := d.moves.all(d.conn, d.cfg.Table)
	return all, explain(err, d.cfg.Path)
}

// Close carries the log over into the database file and closes it. With no
// other process on it only that file remains.
func (d *DB) Close() error {
	d.interruptOn(context.Background())
	err := explain(d.closeConns(), d.cfg.Path)
	if d.cfg.DeadLetters != nil {
		err = errors.Join(err, d.cfg.DeadLetters.Close())
	}
	return err
}

func (d *DB) closeConns() error {
	var err error
	if d.log != nil {
		err = d.log.close()
		// When another process reads the database the log stays; that is no fault.
		crash.Before(crash.Close)
		_ = query(d.conn, "PRAGMA wal_checkpoint(TRUNCATE)", nil)
		crash.After(crash.Close)
	}
	return errors.Join(err, d.conn.Close())
}
