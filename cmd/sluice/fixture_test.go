package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"sluice/cmd/sluice/internal/summary"
)

// result is what one command line came to.
type result struct {
	code           int
	stdout, stderr string
	err            error
}

// noControl keeps runs from listening: tests that run side by side would find
// the default port taken.
const noControl = "SLUICE_LISTEN=off"

// sluice runs a command line in this process, without any other environment.
func sluice(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	return sluiceEnv(t, stdin, []string{noControl}, args...)
}

func sluiceEnv(t *testing.T, stdin string, environ []string, args ...string) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(context.Background(), args, strings.NewReader(stdin), &stdout, &stderr, environ)
	r := result{code: exitCode(err), stdout: stdout.String(), stderr: stderr.String(), err: err}
	t.Logf("sluice %s: exit %d\n%s%s%v", strings.Join(args, " "), r.code, r.stdout, r.stderr, err)
	return r
}

// inTemp makes a fresh working directory with the given files.
func inTemp(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		writeFile(t, name, text)
	}
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// query returns the rows of a query over a database, columns joined with |.
func query(t *testing.T, db, sql string) []string {
	t.Helper()
	conn, err := sqlite.OpenConn(db, sqlite.OpenReadOnly)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	var rows []string
	err = sqlitex.ExecuteTransient(conn, sql, &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
		values := make([]string, row.ColumnCount())
		for i := range values {
			values[i] = row.ColumnText(i)
		}
		rows = append(rows, strings.Join(values, "|"))
		return nil
	}})
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return rows
}

// expectRows compares the rows of a query.
func expectRows(t *testing.T, db, sql string, want ...string) {
	t.Helper()
	if got := query(t, db, sql); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\ngot  %q\nwant %q", sql, got, want)
	}
}

func readReport(t testing.TB, path string) summary.Report {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var r summary.Report
	if err := json.Unmarshal(text, &r); err != nil {
		t.Fatal(err)
	}
	if !r.Closes() {
		t.Errorf("the ledger does not close: %+v", r.Counts)
	}
	return r
}

// numbered returns n records that carry their number and, in turn, the lanes
// as their level.
func numbered(n int) string {
	levels := []string{"critical", "high", "normal", "low"}
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"n":%d,"level":%q,"text":"a record of a usual length, more or less"}`+"\n", i, levels[i*7%len(levels)])
	}
	return b.String()
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// change changes the database of a test.
func change(t *testing.T, sql string) {
	t.Helper()
	conn, err := sqlite.OpenConn("out.db", sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := sqlitex.ExecuteTransient(conn, sql, nil); err != nil {
		t.Fatal(err)
	}
}
