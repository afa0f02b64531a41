package persist

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"sluice/pipeline"
	"sluice/stages/persist/deadletter"
	"sluice/stages/persist/postgres"
	"sluice/stages/persist/sqlite"
)

// errNoLetters says that a sink keeps no dead letters.
var errNoLetters = errors.New("the sink null:// keeps no dead letters")

// OpenLetters opens the dead letters of the configuration's sink, beside any
// pipeline that writes there. A database that is absent is an error, a table or
// file that is absent has no letters. The caller closes it.
func OpenLetters(ctx context.Context, cfg Config) (deadletter.Store, error) {
	t, err := cfg.lettersTarget()
	if err != nil {
		return nil, err
	}
	switch {
	case t.scheme == schemeNull:
		return nil, errNoLetters
	case cfg.DeadLetters != "" || !t.tables():
		return deadletter.OpenFile(cfg.deadLettersPath(t)), nil
	case t.scheme == schemePostgres:
		return orError(postgres.OpenLetters(ctx, t.url, cfg.withDefaults().Table))
	}
	return orError(sqlite.OpenLetters(t.path, cfg.withDefaults().Table))
}

// orError keeps a nil store of a type from being one that is not nil.
func orError[S deadletter.Store](s S, err error) (deadletter.Store, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

func (c Config) lettersTarget() (target, error) {
	t, err := parseTarget(c.Sink, c.Dir)
	if err != nil {
		return t, &pipeline.ConfigError{Key: "sink", Message: err.Error()}
	}
	return t, nil
}

// LettersID names where the dead letters of the configuration's sink are: two
// processes whose names are the same share them. It has no secret; it is empty
// where there are none.
func LettersID(cfg Config) string {
	t, err := cfg.lettersTarget()
	switch {
	case err != nil || t.scheme == schemeNull:
		return ""
	case cfg.DeadLetters != "" || !t.tables():
		return "file " + realPath(cfg.deadLettersPath(t))
	case t.scheme == schemePostgres:
		id, err := postgres.LettersID(t.url, cfg.withDefaults().Table)
		if err != nil {
			return ""
		}
		return id
	}
	return fmt.Sprintf("sqlite %s, of table %s", realPath(t.path), strings.ToLower(cfg.withDefaults().Table))
}

// LettersInTable says whether the dead letters are in a table, in one transaction
// with the rows: only then they can be replayed and purged.
func LettersInTable(cfg Config) bool {
	t, err := cfg.lettersTarget()
	return err == nil && t.tables() && cfg.DeadLetters == ""
}

// realPath is a path as every process sees it.
func realPath(path string) string {
	if absolute, err := filepath.Abs(path); err == nil {
		path = absolute
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}
