package postgres

import (
	"crypto/tls"
	"errors"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/stages/persist/disk"
	"sluice/stages/persist/misfits"
)

// advice says what to do about an error, and whether it passes: the group is then
// written again, once the database or somebody has mended it.
type advice struct {
	text   string
	passes bool
}

// advices are by SQLSTATE, or by its class. What is about the contents of a row is
// not among those that the rows meet: such a row becomes a dead letter.
var advices = map[string]advice{
	"28P01": {"the user or the password is wrong: check the user in the URL and the password in PGPASSWORD or ~/.pgpass", true},
	"28":    {"the server refuses this user: check the user in the URL, and the line for it in the server's pg_hba.conf", true},
	"3D000": {"the database does not exist: create it (createdb NAME), or name another one in the URL", true},
	"3F000": {"the schema does not exist: CREATE SCHEMA it, or name another one in persist.table", true},
	"42501": {"the user lacks a right: GRANT INSERT, UPDATE, SELECT and DELETE on the tables, and CREATE on the schema where there are none yet", true},
	"42":    {"a table, column, index, function or trigger is missing or another one: sluice check lists what differs in the tables, the server's log has the rest", true},
	"25006": {"the server is read-only, as a standby is; in a cluster add target_session_attrs=read-write to the URL", true},
	"25P03": {"the server ended the connection in mid-transaction: raise idle_in_transaction_session_timeout if that is too short", true},
	"53100": {"the server's disk is full: make room", true},
	"53300": {"the server has no connection left: close some, or raise max_connections", true},
	"53":    {"the server lacks a resource: its log says which", true},
	"57014": {"the server ended the statement: raise statement_timeout if that is too short", true},
	"57P03": {"the server is starting up or shutting down: it is waited for", true},
	"57":    {"the server ended the connection: it is made anew", true},
	"55P03": {"somebody else holds a lock that sluice needs: pg_stat_activity shows who; end that transaction, or wait until it ends", true},
	"55006": {"somebody else uses it: that is waited for", true},
	"55":    {"something in the database is in no state for this: mend it, the server's log says more", true},
	"40":    {"another transaction was in the way: this one is tried again", true},
	"08":    {"the connection broke: it is made anew", true},
	"58":    {"the server could not read or write its files: look into its log", true},
	"72":    {"the server no longer has what the transaction began with: it is tried again", true},
	"HV":    {"the server that a foreign table is at failed: mend that one", true},
	"XX":    {"the server has an error of its own: its log says more; a table or index may be damaged", false},
	"22":    {oursRefused, true},
	"23":    {oursRefused, true},
	"44":    {oursRefused, true},
	"P0":    {oursRefused, true},
	"0A":    {"the server cannot do this: sluice needs PostgreSQL 12 or newer", false},
}

const oursRefused = "a table of sluice's own refuses a row: drop the constraint or trigger that was added to it"

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
	_, misfit := errors.AsType[*misfits.Error](err)
	_, absent := errors.AsType[*absentError](err)
	_, silent := errors.AsType[*silentError](err)
	_, cut := errors.AsType[*brokenError](err)
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case misfit || absent || silent || errors.Is(err, errChanged) || errors.Is(err, errOpen):
		return advice{"", true} // they say it themselves
	case errors.Is(err, errRolledBack):
		return advice{"nothing of the group was stored, and it is tried again: the server's log says why", true}
	case connecting:
		return adviseConnecting(err)
	case cut:
		return advice{"the connection to the server broke: it was cut by the server or on the way; a run makes it anew by itself, a start has to be repeated; the server's log says why", true}
	case disk.Passes(err): // of the file of dead letters
		return advice{"", true}
	}
	return advice{}
}

// adviseConnecting is about a server with which there is no talking yet.
func adviseConnecting(err error) advice {
	var timeout net.Error
	_, dns := errors.AsType[*net.DNSError](err)
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	switch {
	case dns:
		return advice{"the host's name is not known: check the host in the URL, or PGHOST, and the name service", true}
	case certificate:
		return advice{"the server's certificate is not trusted: name its authority with sslrootcert in the URL, and the host as the certificate does", true}
	case errors.As(err, &timeout) && timeout.Timeout():
		return advice{"the server does not answer: check host and port, and what filters in between; connect_timeout in the URL is how long it is given", true}
	}
	return advice{"the server cannot be reached: it must run there and listen; host and port come from the URL, or PGHOST and PGPORT", true}
}
