package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sluice/control"
)

const followConfig = "source: {lane: {field: level}}\npersist: {sink: sqlite://out.db, table: t, columns: {n: integer, level: text}}\n"

// writer appends numbered records to app.log and rotates it, as a service with
// logrotate beside it.
type writer struct {
	t       *testing.T
	n       int // the next record
	rotated int
}

// write appends so many records.
func (w *writer) write(count int) {
	w.t.Helper()
	f, err := os.OpenFile("app.log", os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	out := bufio.NewWriter(f)
	for range count {
		fmt.Fprintf(out, `{"n":%d,"level":"%s"}`+"\n", w.n, []string{"fatal", "error", "info", "debug"}[w.n%4])
		w.n++
	}
	if err := out.Flush(); err != nil {
		w.t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *writer) rotate() {
	w.t.Helper()
	w.rotated++
	if err := os.Rename("app.log", fmt.Sprintf("app.log.%03d", w.rotated)); err != nil {
		w.t.Fatal(err)
	}
}

// untilRows waits until the table has so many rows.
func untilRows(n int) {
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for rows("out.db") < n {
		<-poll.C
	}
}

func expectEachOnce(t *testing.T, n int) {
	t.Helper()
	expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n), min(n), max(n) FROM t", fmt.Sprintf("%d|%d|0|%d", n, n, n-1))
	expectRows(t, "out.db", `SELECT count(*) FROM
		(SELECT n < lag(n) OVER (PARTITION BY level ORDER BY rowid) AS back FROM t) WHERE back`, "0")
}

// endFollowing ends sluice in order.
func endFollowing(t *testing.T, cmd *exec.Cmd, stderr *bytes.Buffer) {
	t.Helper()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := code(t, cmd); got != exitDone {
		t.Errorf("exit %d, want 0\n%s", got, stderr)
	}
}

// A writer appends and rotates while sluice is killed again and again: now after
// some rows, now in the midst of a rotation, now with rotations while it is down.
func TestFilesThatAreFollowedThroughKillsComeInOnceInLaneOrder(t *testing.T) {
	for name, watch := range map[string]string{"by name": "app.log", "by pattern": "app.log*"} {
		t.Run(name, func(t *testing.T) {
			inTemp(t, map[string]string{"sluice.yaml": followConfig})
			w := &writer{t: t}
			w.write(10_000)
			for range 3 {
				before := rows("out.db")
				cmd := start(t, nil, nil, nil, "run", "--follow", watch)
				var busy sync.WaitGroup
				busy.Go(func() {
					untilRows(before + 1) // what is rotated before the first look was never followed
					w.write(10_000)
					w.rotate()
					w.write(10_000)
				})
				if !killAfter(t, cmd, before+3_000) {
					t.Fatal("it ended by itself")
				}
				busy.Wait()
				w.rotate()
				w.write(2_000)
			}
			var stderr bytes.Buffer
			cmd := start(t, nil, nil, &stderr, "run", "--follow", watch)
			untilRows(w.n)
			w.write(1_000)
			w.rotate()
			w.write(1_000)
			untilRows(w.n)
			endFollowing(t, cmd, &stderr)
			expectEachOnce(t, w.n)
			t.Logf("%d records in %d files", w.n, w.rotated+1)
		})
	}
}

func TestAnAppendedLineIsSettledAndSIGTERMIsAGoodEnd(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": followConfig, "app.log": "{\"n\":0}\n{\"n\":1"})
	var stderr bytes.Buffer
	cmd := start(t, nil, nil, &stderr, "run", "--follow", "app.log", "--report", "r.json")
	untilRows(1)
	w := &writer{t: t, n: 2}
	f, err := os.OpenFile("app.log", os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("}\n"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	w.write(3)
	untilRows(5)
	endFollowing(t, cmd, &stderr)
	expectEachOnce(t, 5)
	if report := readReport(t, "r.json"); report.Persisted != 5 || report.Left != 0 || report.Error != "" {
		t.Errorf("the report says %+v", report)
	}
}

func TestServeFollowsFilesFromRunToRun(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": followConfig, "app.log": "{\"n\":0}\n"})
	s := serve(t, nil, nil, "serve", "--follow", "app*.log")
	untilRows(1)
	s.command("POST", "/v1/stop", "")
	w := &writer{t: t, n: 1}
	w.write(2)
	s.command("POST", "/v1/start", "")
	untilRows(3)
	w.write(1)
	untilRows(4)
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d\n%s", got, s.stderr())
	}
	expectEachOnce(t, 4)
}

func TestWhatCannotBeFollowed(t *testing.T) {
	for args, want := range map[string]string{
		"run --follow":                                           "--follow needs files",
		"serve --follow":                                         "--follow needs files",
		"run --follow no/app.log dir [a":                         "no/app.log: the directory must exist",
		"run --follow dir":                                       "it is a directory, expected a file or a pattern",
		"serve --follow dir [a":                                  "a [ needs its ]",
		"run --follow --dry-run app.log":                         "--dry-run",
		"run --follow --sink ndjson://out.log *.log":             "an input, by the pattern *.log",
		"run --follow --sink ndjson://x.ndjson?keep=1 x.log":     "keep needs rotation",
		"run --follow --sink ndjson://dir/out.log dir/o*.log":    "an input, by the pattern dir/o*.log",
		"run --follow --sink ndjson://o.j?rotate_every=1s o-*":   "a finished file of rows",
		"serve --follow --sink ndjson://./out.log ./*.log":       "an input, by the pattern ./*.log",
		"run --follow --dead-letters dead.log --sink o.db *.log": "dead.log",
	} {
		t.Run(args, func(t *testing.T) {
			inTemp(t, map[string]string{"app.log": "{}\n"})
			if err := os.Mkdir("dir", 0o700); err != nil {
				t.Fatal(err)
			}
			r := sluice(t, "", strings.Fields(args)...)
			if r.code != exitUsage || !strings.Contains(fmt.Sprint(r.err), want) {
				t.Errorf("exit %d, %v; want %q", r.code, r.err, want)
			}
		})
	}
}

// A second process on the same file: one of the two is refused, and each line is
// there once.
func TestTwoProcessesFollowOneFile(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": followConfig})
	w := &writer{t: t}
	w.write(1)
	var told [2]bytes.Buffer
	var both [2]*exec.Cmd
	ended := make(chan int, 2)
	for i := range both {
		both[i] = start(t, nil, nil, &told[i], "run", "--follow", "app.log")
		untilRows(1)
	}
	for i := range both {
		go func() {
			_ = both[i].Wait() // the exit code tells
			ended <- i
		}()
	}
	pace := time.NewTicker(100 * time.Millisecond)
	defer pace.Stop()
	refused := -1
	for refused < 0 {
		w.write(10)
		select {
		case refused = <-ended:
		case <-pace.C:
		}
	}
	if code := both[refused].ProcessState.ExitCode(); code != exitFailed || !strings.Contains(told[refused].String(), "another process") {
		t.Errorf("exit %d\n%s", code, told[refused].String())
	}
	w.write(10)
	untilRows(w.n)
	if err := both[1-refused].Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if <-ended; both[1-refused].ProcessState.ExitCode() != exitDone {
		t.Errorf("the other one: exit %d\n%s", both[1-refused].ProcessState.ExitCode(), told[1-refused].String())
	}
	expectEachOnce(t, w.n)
}

func TestFollowedFilesThroughPauseAndStop(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": followConfig})
	w := &writer{t: t}
	w.write(100)
	s := serve(t, nil, nil, "serve", "--follow", "app.log")
	untilRows(w.n)
	for _, command := range []string{"pause", "resume", "stop", "start", "pause", "stop", "start"} {
		w.write(1000)
		w.rotate()
		w.write(1000)
		s.command("POST", "/v1/"+command, "")
	}
	untilRows(w.n)
	s.until(func(status control.Status) bool { return status.Followed.LagBytes == 0 })
	r := sluice(t, "", "ctl", "status", "--url", s.url)
	for _, want := range []string{"following", "app.log", "at end"} {
		if r.code != exitDone || !strings.Contains(r.stdout, want) {
			t.Errorf("exit %d, %q is missing in\n%s", r.code, want, r.stdout)
		}
	}
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d\n%s", got, s.stderr())
	}
	expectEachOnce(t, w.n)
}

// Into a file each line comes at least once, whatever is killed.
func TestFilesThatAreFollowedIntoAFileComeInAtLeastOnce(t *testing.T) {
	inTemp(t, nil)
	w := &writer{t: t}
	w.write(1)
	args := []string{"run", "--follow", "app.log", "--sink", "ndjson://out.ndjson"}
	have := func() map[string]int {
		text, _ := os.ReadFile("out.ndjson")
		lines := map[string]int{}
		for line := range strings.Lines(string(text)) {
			if strings.HasSuffix(line, "}\n") {
				lines[line]++
			}
		}
		return lines
	}
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	until := func(n int) {
		for len(have()) < n {
			<-poll.C
		}
	}
	var stderr bytes.Buffer
	cmd := start(t, nil, nil, &stderr, args...)
	until(w.n) // what is rotated before there is any progress was never followed
	endFollowing(t, cmd, &stderr)
	for range 3 {
		before := w.n
		w.write(20_000)
		cmd := start(t, nil, nil, nil, args...)
		until(before + 5_000)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		w.rotate()
		w.write(1_000)
	}
	cmd = start(t, nil, nil, &stderr, args...)
	until(w.n)
	endFollowing(t, cmd, &stderr)
	if lines := have(); len(lines) != w.n {
		t.Errorf("%d different lines, want %d", len(lines), w.n)
	}
}
