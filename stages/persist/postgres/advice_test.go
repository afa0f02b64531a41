package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"sluice/pipeline"
)

// Whatever goes wrong says where, what to do, and whether it is waited for.
func TestErrorsSayWhatToDo(t *testing.T) {
	server := func(code string) error { return &pgconn.PgError{Code: code, Severity: "ERROR", Message: "it says so"} }
	for name, c := range map[string]struct {
		err    error
		want   string
		passes bool
	}{
		"a password":                {server("28P01"), "check the user in the URL and the password in PGPASSWORD", true},
		"a code by its class":       {server("57P02"), "the server ended the connection: it is made anew", true},
		"a function that is gone":   {server("42883"), "sluice check lists what differs", true},
		"a table's own constraint":  {fmt.Errorf("store progress: %w", server("23514")), "drop the constraint or trigger that was added to it", true},
		"an error of the server":    {server("XX001"), "its log says more", false},
		"a connection that is cut":  {broken(errors.New("conn closed")), "the connection to the server broke: it was cut by the server or on the way; a run makes it anew by itself, a start has to be repeated", true},
		"a lost COMMIT":             {fmt.Errorf("commit: %w", broken(errors.New("unexpected EOF"))), "the connection to the server broke", true},
		"a COMMIT that rolled back": {fmt.Errorf("commit: %w", errRolledBack), "it is tried again: the server's log says why", true},
		"a name that is not known":  {connecting(&net.DNSError{Err: "no such host", Name: "db.example.org", IsNotFound: true}), "the host's name is not known: check the host in the URL", true},
		"a certificate":             {connecting(&tls.CertificateVerificationError{Err: errors.New("unknown authority")}), "name its authority with sslrootcert", true},
		"a server that is mute":     {connecting(&net.OpError{Op: "dial", Err: os.ErrDeadlineExceeded}), "the server does not answer: check host and port", true},
		"no server":                 {connecting(errors.New("connection refused")), "it must run there and listen", true},
	} {
		t.Run(name, func(t *testing.T) {
			err := explain(c.err, "events at db:5432")
			if !strings.HasPrefix(err.Error(), "events at db:5432: ") || !strings.Contains(err.Error(), c.want) || pipeline.IsTransient(err) != c.passes {
				t.Errorf("passes: %v, got %v", pipeline.IsTransient(err), err)
			}
		})
	}
}

// connecting is what the driver makes of an error on its way to a server.
func connecting(err error) error {
	settings, failed := pgconn.ParseConfig("postgres://sluice@127.0.0.1/events?sslmode=disable")
	if failed != nil {
		return failed
	}
	settings.DialFunc = func(context.Context, string, string) (net.Conn, error) { return nil, err }
	_, failed = pgconn.ConnectConfig(context.Background(), settings)
	return failed
}
