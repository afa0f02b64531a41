package main

import (
	"bytes"
	"fmt"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// kills is how often the process is killed, and records how many the file has.
const (
	kills   = 5
	records = 100_000
)

func TestAFileThatIsKilledAgainAndAgainComesInOnceInLaneOrder(t *testing.T) {
	inTemp(t, map[string]string{
		"in.ndjson":   numbered(records),
		"sluice.yaml": "source: {lane: {field: level}}\npersist: {sink: sqlite://out.db, table: t, columns: {n: integer, level: text}}\n",
	})
	killed := 0
	for killed < kills {
		before := rows("out.db")
		cmd := start(t, nil, nil, nil, "run", "in.ndjson")
		if !killAfter(t, cmd, before+records/(3*kills)) {
			break
		}
		killed++
	}
	if killed < 2 {
		t.Fatalf("the process came to its end after %d kills; the file is too small for this machine", killed)
	}
	t.Logf("killed %d times, the last time at %d rows", killed, rows("out.db"))
	var stderr bytes.Buffer
	if got := code(t, start(t, nil, nil, &stderr, "run", "in.ndjson")); got != exitDone {
		t.Fatalf("exit %d\n%s", got, stderr.String())
	}
	expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n), min(n), max(n) FROM t", fmt.Sprintf("%d|%d|0|%d", records, records, records-1))
	expectRows(t, "out.db", `SELECT count(*) FROM
		(SELECT n < lag(n) OVER (PARTITION BY level ORDER BY rowid) AS back FROM t) WHERE back`, "0")
}

func TestAFileThatIsStoppedGoesOnFromThere(t *testing.T) {
	inTemp(t, map[string]string{
		"in.ndjson":   numbered(records),
		"sluice.yaml": "source: {lane: {field: level}}\npersist: {sink: sqlite://out.db, table: t, columns: {n: integer, level: text}}\n",
	})
	cmd := start(t, nil, nil, nil, "run", "in.ndjson", "--report", "first.json")
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for rows("out.db") < 1000 {
		<-poll.C
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := code(t, cmd); got != exitStopped {
		t.Errorf("exit %d, want 5", got)
	}
	first := readReport(t, "first.json")
	if first.Left != 0 || first.Accepted != first.Persisted || int(first.Persisted) != rows("out.db") {
		t.Errorf("the report says %+v, the table has %d rows", first.Counts, rows("out.db"))
	}
	if got := code(t, start(t, nil, nil, nil, "run", "in.ndjson", "--report", "second.json")); got != exitDone {
		t.Errorf("exit %d", got)
	}
	if second := readReport(t, "second.json"); first.Accepted+second.Accepted != records {
		t.Errorf("%d and %d were accepted, want %d together", first.Accepted, second.Accepted, records)
	}
	expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n) FROM t", fmt.Sprintf("%d|%d", records, records))
}

// killAfter kills the process once the table has that many rows. It returns
// false when the process ended before.
func killAfter(t *testing.T, cmd *exec.Cmd, limit int) bool {
	t.Helper()
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is asked below
		close(ended)
	}()
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for rows("out.db") < limit {
		select {
		case <-ended:
			return false
		case <-poll.C:
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		return false
	}
	<-ended
	return cmd.ProcessState.ExitCode() == -1
}

// rows counts the rows of the table, 0 while there is none.
func rows(db string) int {
	conn, err := sqlite.OpenConn(db, sqlite.OpenReadOnly)
	if err != nil {
		return 0
	}
	defer conn.Close()
	conn.SetBlockOnBusy()
	n := 0
	_ = sqlitex.ExecuteTransient(conn, "SELECT max(rowid) FROM t", &sqlitex.ExecOptions{ResultFunc: func(row *sqlite.Stmt) error {
		n, _ = strconv.Atoi(row.ColumnText(0))
		return nil
	}}) // no table yet
	return n
}
