package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
	"sluice/stages/persist/misfits"
	"sluice/stages/persist/progress"
)

var (
	errNotEncoded = errors.New("a batch came without its rows: the last stage must be the sink's Encoder")
	// errChanged says that the table's columns are not those that the rows
	// were encoded for.
	errChanged = errors.New("the table's columns have changed while rows went in; they are looked at again")
	// errOpen says that a transaction whose COMMIT had no answer is not over.
	errOpen = errors.New("the answer to a COMMIT was lost, and its transaction is not over yet; its end is waited for")
	// errRolledBack says that a COMMIT had the opposite effect.
	errRolledBack = errors.New("the server rolled the transaction back instead of committing it")
)

// absentError says that a table is gone.
type absentError struct {
	database string
	table    table
	rows     bool // it is that of the rows
}

func (e *absentError) Error() string {
	text := fmt.Sprintf("table %s is gone; create it again: %s;", e.table.name, e.table.create())
	if e.rows {
		text += progress.Restore
	}
	return text
}

// brokenError is an error of the driver on an established connection that is no
// answer of the server.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// broken marks an error of the driver that is no answer of the server.
func broken(err error) error {
	if err == nil {
		return nil
	}
	_, answer := errors.AsType[*pgconn.PgError](err)
	_, marked := errors.AsType[*brokenError](err)
	if answer || marked {
		return err
	}
	return &brokenError{err}
}

// explain adds to an error which database it was and what to do. One that
// passes is a pipeline.TransientError.
func explain(err error, place string) error {
	if err == nil || errors.Is(err, pipeline.ErrFenced) {
		return err
	}
	if _, ok := errors.AsType[*progress.Gone](err); ok {
		return err // it says all of this itself
	}
	if misfit, ok := errors.AsType[*misfits.Error](err); ok && misfit.Database == place {
		return pipeline.Transient(err) // it says all of this itself
	}
	a := advise(err)
	text := place + ": "
	if a.text != "" {
		text += a.text + ": "
	}
	err = fmt.Errorf("%s%w", text, detailed(err))
	if a.passes {
		return pipeline.Transient(err)
	}
	return err
}

// detailed adds what the server says beside its message.
func detailed(err error) error {
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || server.Detail == "" && server.Hint == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, strings.TrimSpace(server.Detail+" "+server.Hint))
}

// cancelled gives the cause of ctx's end its place in front of an error that it
// brought about.
func cancelled(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && err != nil {
		return fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// isOutdated says whether the database is not as it was when it was last looked
// at, so that looking again tells more.
func isOutdated(err error) bool {
	if errors.Is(err, errChanged) {
		return true
	}
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || server.Code == "42501" {
		return false
	}
	// A table, column, index or prepared statement is not there or another one.
	return strings.HasPrefix(server.Code, "42") || server.Code == "26000" || server.Code == "0A000"
}

// refusal returns the server's error if it is about what a row holds: a data
// exception, a constraint, RAISE or another failure in a trigger, a limit of the server; or that two
// rows of one upsert have the same key.
func refusal(err error) *pgconn.PgError {
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || len(server.Code) != 5 {
		return nil
	}
	switch server.Code[:2] {
	case "21", "22", "23", "38", "39", "44", "54", "P0":
		return server
	}
	return nil
}
