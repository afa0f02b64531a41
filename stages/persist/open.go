package persist

import (
	"context"
	"errors"
	"path/filepath"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/disk"
	"sluice/stages/persist/misfits"
	"sluice/stages/persist/ndjson"
	"sluice/stages/persist/postgres"
	"sluice/stages/persist/row"
	"sluice/stages/persist/sqlite"
)

// DefaultDeadLetters is the file of dead letters of a sink without tables.
const DefaultDeadLetters = "dead_letters.ndjson"

// Open validates the configuration and opens its sink. What is absent is made;
// a table that is there and does not fit is a *pipeline.ConfigError that lists
// all that differs and how to mend it. A table of rows that is absent, though
// progress vouches for what was in it, is an error that says what to do, unless
// Forget is set.
func Open(ctx context.Context, cfg Config) (*Output, error) {
	return open(ctx, cfg, disk.OS)
}

func open(ctx context.Context, cfg Config, fsys disk.FS) (*Output, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	t, err := parseTarget(cfg.Sink, cfg.Dir)
	if err != nil {
		return nil, err
	}
	layout, err := cfg.layout()
	if err != nil {
		return nil, err
	}
	dead := deadletter.NewFile(fsys, cfg.deadLettersPath(t), cfg.Now)
	if err := cfg.checkDead(t, dead); err != nil {
		return nil, err
	}
	if cfg.deadInFile(t) {
		if err := dead.Mend(); err != nil {
			return nil, err
		}
	}
	switch t.scheme {
	case schemeSQLite:
		return openSQLite(ctx, cfg, t, layout, dead)
	case schemePostgres:
		return openPostgres(ctx, cfg, t, layout, dead)
	case schemeNDJSON:
		return openNDJSON(fsys, cfg, t, layout, dead)
	case schemeStdout:
		if err := checkStdout(cfg.Stdout); err != nil {
			return nil, err
		}
		sink := ndjson.NewStream(cfg.Stdout, dead)
		return &Output{
			encoder: ndjson.NewEncoder(layout), sink: sink, close: sink.Close,
			rows: Place{File: "stdout"}, dead: filePlace(dead.Path()),
		}, nil
	default:
		return openNull(layout), nil
	}
}

// deadLettersPath returns the file of dead letters: the one that was set, or
// the default beside the rows.
func (c Config) deadLettersPath(t target) string {
	switch {
	case filepath.IsAbs(c.DeadLetters):
		return filepath.Clean(c.DeadLetters)
	case c.DeadLetters != "":
		return filepath.Join(c.Dir, c.DeadLetters)
	case t.path != "":
		return filepath.Join(filepath.Dir(t.path), DefaultDeadLetters)
	default:
		return filepath.Join(c.Dir, DefaultDeadLetters)
	}
}

// sqliteConfig returns what the SQLite sink is to be.
func (c Config) sqliteConfig(t target, layout *row.Layout, dead *deadletter.File) sqlite.Config {
	if layout == nil {
		layout = row.RecordLayout()
	}
	if c.DeadLetters == "" {
		dead = nil
	}
	return sqlite.Config{Path: t.path, Table: c.Table, Layout: layout, OnConflict: c.OnConflict, Synchronous: c.Synchronous, DeadLetters: dead, Now: c.Now, Forget: c.Forget, Warn: c.Warn, CheckpointBytes: c.checkpointBytes}
}

func openSQLite(ctx context.Context, cfg Config, t target, layout *row.Layout, dead *deadletter.File) (*Output, error) {
	config := cfg.sqliteConfig(t, layout, dead)
	db, err := sqlite.Open(ctx, config)
	if err != nil {
		return nil, asConfigError(err)
	}
	o := &Output{
		encoder: row.NewEncoder(config.Layout), sink: db, close: db.Close,
		progress: func(context.Context) ([]pipeline.Progress, error) { return db.Progress() },
		rows:     tablePlace(t.path, cfg.Table, "select * from %s limit 10"),
		dead:     tablePlace(t.path, sqlite.DeadLettersTable, "select code, count(*), min(message) from %s group by code"),
	}
	if config.DeadLetters != nil {
		o.dead = filePlace(dead.Path())
	}
	return o, nil
}

// postgresConfig returns what the PostgreSQL sink is to be.
func (c Config) postgresConfig(t target, layout *row.Layout, dead *deadletter.File) postgres.Config {
	if layout == nil {
		layout = row.RecordLayout()
	}
	if c.DeadLetters == "" {
		dead = nil
	}
	return postgres.Config{URL: t.url, Table: c.Table, Layout: layout, OnConflict: c.OnConflict, DeadLetters: dead, Now: c.Now, Forget: c.Forget, Warn: c.Warn}
}

func openPostgres(ctx context.Context, cfg Config, t target, layout *row.Layout, dead *deadletter.File) (*Output, error) {
	config := cfg.postgresConfig(t, layout, dead)
	db, err := postgres.Open(ctx, config)
	if err != nil {
		return nil, asConfigError(err)
	}
	o := &Output{
		encoder: db.Encoder(), sink: db, progress: db.Progress, close: db.Close,
		rows: serverPlace(t.url, db.Place(), db.Rows(), "select * from %s limit 10"),
		dead: serverPlace(t.url, db.Place(), db.DeadLetters(), "select code, count(*), min(message) from %s group by code"),
	}
	if config.DeadLetters != nil {
		o.dead = filePlace(dead.Path())
	}
	return o, nil
}

func openNDJSON(fsys disk.FS, cfg Config, t target, layout *row.Layout, dead *deadletter.File) (*Output, error) {
	file, err := ndjson.OpenFile(ndjson.FileConfig{FS: fsys, Path: t.path, Options: t.ndjson, DeadLetters: dead, Now: cfg.Now})
	if err != nil {
		return nil, err
	}
	return &Output{
		encoder: ndjson.NewEncoder(layout), sink: file, close: file.Close,
		progress: func(context.Context) ([]pipeline.Progress, error) { return file.Progress(), nil },
		rows:     rowsPlace(t), dead: filePlace(dead.Path()),
	}, nil
}

// asConfigError makes tables that do not fit a mistake of the configuration.
func asConfigError(err error) error {
	if _, ok := errors.AsType[*misfits.Error](err); ok {
		return &pipeline.ConfigError{Key: "table", Message: err.Error()}
	}
	return err
}
