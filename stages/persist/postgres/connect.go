package postgres

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// connectTimeout bounds an attempt to connect, unless the URL has
	// connect_timeout.
	connectTimeout = 10 * time.Second
	// closeTimeout bounds the farewell to the server.
	closeTimeout = 2 * time.Second
	// unheardTimeout is how long what was sent may go without the other side's
	// system having it.
	unheardTimeout = 30 * time.Second
	// lockTimeout bounds a wait for a lock, unless the session has a lock_timeout: who
	// waits for longer says so, and tries again.
	lockTimeout = 5 * time.Second
)

// ParseURL says what is wrong with a URL, without its password.
func ParseURL(url string) error {
	_, err := parseURL(url)
	return err
}

// parseURL reads the URL and what it leaves out from where libpq looks for it,
// anew each time: a password that has changed meanwhile is found.
func parseURL(url string) (*pgconn.Config, error) {
	settings, err := pgconn.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the sink's URL: %w", err)
	}
	if settings.Database == "" {
		settings.Database = settings.User
	}
	if settings.ConnectTimeout == 0 {
		settings.ConnectTimeout = connectTimeout
	}
	// A server that is gone without a word is missed after half a minute.
	keepAlive := net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}
	settings.DialFunc = (&net.Dialer{Timeout: settings.ConnectTimeout, KeepAliveConfig: keepAlive, Control: boundUnheard}).DialContext
	if _, ok := settings.RuntimeParams["application_name"]; !ok {
		settings.RuntimeParams["application_name"] = "sluice"
	}
	settings.RuntimeParams["client_encoding"] = "UTF8"
	settings.RuntimeParams["timezone"] = "UTC"
	return settings, nil
}

// address is where the server is, for messages.
func address(c *pgconn.Config) string {
	if strings.HasPrefix(c.Host, "/") {
		return c.Host
	}
	return net.JoinHostPort(c.Host, fmt.Sprint(c.Port))
}

// connect makes the connection. What was prepared on another one is gone.
func (d *DB) connect(ctx context.Context) error {
	d.disconnect()
	settings, err := parseURL(d.cfg.URL)
	if err != nil {
		return err
	}
	conn, err := pgconn.ConnectConfig(ctx, settings)
	if err != nil {
		return err
	}
	d.conn = conn
	// Not conn.PID: a pooler in between has a number of its own. And lock_timeout is no
	// parameter of the connection: poolers refuse those they do not know.
	_, limited := settings.RuntimeParams["lock_timeout"]
	rows, err := query(ctx, conn, `SELECT pg_backend_pid(), CASE WHEN NOT $1::boolean AND current_setting('lock_timeout') = '0' THEN set_config('lock_timeout', $2, false) END`,
		fmt.Sprint(limited), fmt.Sprint(lockTimeout.Milliseconds()))
	if err != nil {
		d.disconnect()
		return err
	}
	d.backend.Store(int64Of(rows[0][0]))
	return nil
}

// disconnect ends the connection if there is one; an open transaction is rolled
// back by the server.
func (d *DB) disconnect() {
	d.checked = false
	d.backend.Store(0)
	if d.conn == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	_ = d.conn.Close(ctx) // nothing is lost with it
	d.conn = nil
}
