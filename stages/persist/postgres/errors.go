package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
)

var (
	errNotEncoded = errors.New("a batch came without its rows: the last stage must be the sink's Encoder")
	// errChanged says that the table's columns are not those that the rows
	// were encoded for.
	errChanged = errors.New("the table's columns have changed")
	// errOpen says that a transaction whose COMMIT had no answer is not over.
	errOpen = errors.New("the answer to a COMMIT was lost, and its transaction is not over yet")
)

// absentError says that a table is gone.
type absentError struct {
	database string
	table    table
}

func (e *absentError) Error() string {
	return fmt.Sprintf("table %s is gone; create it again: %s", e.table.name, e.table.create())
}

// advice says what to do about an error of the server, and whether it passes:
// the group is then written again, once the database or somebody has mended it.
type advice struct {
	text   string
	passes bool
}

// advices are by SQLSTATE, or by its class.
var advices = map[string]advice{
	"28P01": {"the user or the password is wrong: check the user in the URL and the password in PGPASSWORD or ~/.pgpass", true},
	"28":    {"the server refuses this user: check the user in the URL, and the line for it in the server's pg_hba.conf", true},
	"3D000": {"the database does not exist: create it (createdb NAME), or name another one in the URL", true},
	"3F000": {"the schema does not exist: CREATE SCHEMA it, or name another one in persist.table", true},
	"42501": {"the user lacks a right: GRANT INSERT, UPDATE, SELECT and DELETE on the tables, and CREATE on the schema where there are none yet", true},
	"25006": {"the server is read-only, as a standby is: it is waited for; in a cluster add target_session_attrs=read-write to the URL", true},
	"53100": {"the server's disk is full: make room", true},
	"53300": {"the server has no connection left: close some, or raise max_connections", true},
	"53":    {"the server lacks a resource", true},
	"57014": {"the server ended the statement: raise statement_timeout if that is too short", true},
	"57P03": {"the server is starting up or shutting down", true},
	"57":    {"the server ended the connection", true},
	"55P03": {"somebody else holds a lock that sluice needs: pg_stat_activity shows who; end that transaction, or wait until it ends", true},
	"55006": {"somebody else uses it", true},
	"40":    {"another transaction was in the way", true},
	"08":    {"the connection broke", true},
	"58":    {"the server could not read or write its files: look into its log", true},
	"0A":    {"the server cannot do this: sluice needs PostgreSQL 12 or newer", false},
}

// advise finds what is known of an error.
func advise(err error) advice {
	if server, ok := errors.AsType[*pgconn.PgError](err); ok {
		if a, ok := advices[server.Code]; ok {
			return a
		}
		if len(server.Code) == 5 {
			return advices[server.Code[:2]]
		}
		return advice{}
	}
	_, misfit := errors.AsType[*MisfitError](err)
	_, absent := errors.AsType[*absentError](err)
	switch {
	case misfit || absent || errors.Is(err, errChanged):
		return advice{"", true}
	case errors.Is(err, errOpen):
		return advice{"", true}
	}
	if _, connecting := errors.AsType[*pgconn.ConnectError](err); connecting {
		return advice{"the server cannot be reached: it must run there and listen; host and port come from the URL, or PGHOST and PGPORT", true}
	}
	if _, broke := errors.AsType[*brokenError](err); broke {
		return advice{"the connection to the server broke: it was ended by the server or on the way", true}
	}
	return advice{}
}

// brokenError is an error of the driver on an established connection that is no
// answer of the server.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return e.err.Error() }
func (e *brokenError) Unwrap() error { return e.err }

// explain adds to an error which database it was and what to do. One that
// passes is a pipeline.TransientError.
func explain(err error, place string) error {
	if err == nil || errors.Is(err, pipeline.ErrFenced) {
		return err
	}
	if misfit, ok := errors.AsType[*MisfitError](err); ok && misfit.Database == place {
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
// exception, a constraint, RAISE in a trigger, a limit of the server; or that two
// rows of one upsert have the same key.
func refusal(err error) *pgconn.PgError {
	server, ok := errors.AsType[*pgconn.PgError](err)
	if !ok || len(server.Code) != 5 {
		return nil
	}
	switch server.Code[:2] {
	case "21", "22", "23", "44", "54", "P0":
		return server
	}
	return nil
}
