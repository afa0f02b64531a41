package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/progress"
	"sluice/stages/persist/row"
)

// Config says what a DB is to be.
type Config struct {
	URL         string // as libpq takes it; what is left out comes from PGHOST, PGPASSWORD, ~/.pgpass, a service file
	Table       string // table or schema.table
	Layout      *row.Layout
	OnConflict  row.Conflict     // what becomes of a row whose key is there; "" for row.ConflictUpdate
	DeadLetters *deadletter.File // nil for the table DeadLettersTable
	Now         func() time.Time
	Forget      bool         // let progress go that vouches for rows of a table that is gone
	Warn        func(string) // nil for nobody who would hear
}

// DB is the sink. It is used by one goroutine at a time.
type DB struct {
	cfg     Config
	rows    table
	own     []table
	encoder *Encoder
	place   string // the database for messages, without a password

	conn    *pgconn.PgConn // nil, or closed, when there is none
	backend atomic.Int64   // the server's process for it, which watch reads; 0 when there is none
	sent    atomic.Int64   // bytes of rows handed to it, which watch reads
	silence time.Duration  // see defaultSilence
	checked bool           // the tables are as the plan has them, as far as is known
	plan    *plan
	dead    []planned // columns of the dead letters
	sql     statements
	batches []*pipeline.Batch // of the group that is being written
	parts   [][]byte          // of the COPY that is being sent
	letters tuples            // dead letters of the group
	latest  map[uint64]rowAt  // the last row of each key in the group, by the key's hash

	passed []*pipeline.Record // of the last attempt: rows that were passed over

	fence    progress.Fence
	instance string   // of this process, in sluice_commits
	serial   int64    // of the last group without progress
	lost     *receipt // the transaction whose COMMIT had no answer
}

// Open connects, and makes the tables that are absent. A table that does not fit
// is a *misfits.Error, one that is absent though there is progress into it a
// *progress.Gone.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	d, err := newDB(cfg)
	if err != nil {
		return nil, err
	}
	if err := d.connect(ctx); err != nil {
		return nil, explain(err, d.place)
	}
	err = d.makeTables(ctx)
	if err == nil {
		err = d.ready(ctx)
	}
	if err != nil {
		d.disconnect()
		return nil, explain(err, d.place)
	}
	d.expire(ctx)
	return d, nil
}

func newDB(cfg Config) (*DB, error) {
	n, err := parseName(cfg.Table)
	if err != nil {
		return nil, err
	}
	settings, err := parseURL(cfg.URL)
	if err != nil {
		return nil, err
	}
	d := &DB{
		cfg: cfg, rows: tableOf(n, cfg.Layout, cfg.OnConflict), own: own(n, cfg.DeadLetters == nil), encoder: &Encoder{},
		place: fmt.Sprintf("%s at %s", settings.Database, address(settings)), instance: newUUID(), latest: map[uint64]rowAt{},
		silence: defaultSilence,
	}
	d.sql = newStatements(d.rows, d.own)
	return d, nil
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// Encoder returns the stage that must be the last one before the sink.
func (d *DB) Encoder() *Encoder { return d.encoder }

// Place names the database for a person, without a password.
func (d *DB) Place() string { return d.place }

// Rows names the table of the rows as SQL.
func (d *DB) Rows() string { return d.rows.name.String() }

// DeadLetters names the table of the dead letters as SQL.
func (d *DB) DeadLetters() string { return d.rows.name.beside(DeadLettersTable).String() }

// makeTables makes what is absent, in one transaction under a lock, so that two
// processes that start together do not meet in the middle.
func (d *DB) makeTables(ctx context.Context) error {
	if err := execute(ctx, d.conn, "BEGIN", "SELECT pg_advisory_xact_lock(hashtext('sluice tables'))"); err != nil {
		return err
	}
	made := false
	for i, t := range append([]table{d.rows}, d.own...) {
		have, err := inspect(ctx, d.conn, t.name)
		if err == nil && have.kind == "" {
			err = execute(ctx, d.conn, t.create())
			made = made || i == 0
		}
		if err != nil {
			return err // the transaction ends with the connection
		}
	}
	warning, err := d.heed(ctx, made)
	if err == nil {
		err = execute(ctx, d.conn, "COMMIT")
	}
	if err == nil && warning != "" && d.cfg.Warn != nil {
		d.cfg.Warn(warning)
	}
	return err
}

// ready sees to it that there is a connection and that the plan suits the
// tables.
func (d *DB) ready(ctx context.Context) error {
	if d.conn == nil || d.conn.IsClosed() {
		if err := d.connect(ctx); err != nil {
			return err
		}
	}
	if d.checked {
		return nil
	}
	columns, dead, err := d.compareAll(ctx, false)
	if err != nil {
		return err
	}
	d.dead = dead
	if p := (&plan{layout: d.cfg.Layout, columns: columns, keyed: len(d.rows.keys) > 0}); !p.same(d.plan) {
		d.plan = p
		d.encoder.plan.Store(p)
	}
	if err := d.prepare(ctx); err != nil {
		return err
	}
	d.checked = true
	return nil
}

// compareAll compares all tables and returns how rows and dead letters go into
// theirs. A table that is absent is an error unless absentIsFine.
func (d *DB) compareAll(ctx context.Context, absentIsFine bool) (rows, dead []planned, err error) {
	var misfits []error
	for i, t := range append([]table{d.rows}, d.own...) {
		have, err := inspect(ctx, d.conn, t.name)
		if err != nil {
			return nil, nil, err
		}
		if have.kind == "" {
			if !absentIsFine {
				misfits = append(misfits, &absentError{d.place, t, i == 0})
			}
			continue
		}
		plan, err := compare(d.place, t, have)
		misfits = append(misfits, err)
		switch {
		case i == 0:
			rows = plan
		case t.serial:
			dead = plan
		}
	}
	return rows, dead, errors.Join(misfits...)
}

// Check compares the tables of a database. It changes nothing; tables that are
// absent are fine.
func Check(ctx context.Context, cfg Config) error {
	d, err := newDB(cfg)
	if err != nil {
		return err
	}
	if err := d.connect(ctx); err != nil {
		return explain(err, d.place)
	}
	defer d.disconnect()
	_, _, err = d.compareAll(ctx, true)
	return explain(err, d.place)
}

// Progress returns the progress of all sources into the table.
func (d *DB) Progress(ctx context.Context) ([]pipeline.Progress, error) {
	if err := d.ready(ctx); err != nil {
		return nil, explain(err, d.place)
	}
	all, err := d.allProgress(ctx)
	return all, explain(err, d.place)
}

// Close ends the connection.
func (d *DB) Close() error {
	d.forget()
	d.disconnect()
	if d.cfg.DeadLetters != nil {
		return d.cfg.DeadLetters.Close()
	}
	return nil
}
