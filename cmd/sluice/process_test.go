package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/stages/persist/postgrestest"
)

// beSluice, set in the environment, makes the test binary behave as sluice: a
// process of its own with the same main.
const beSluice = "TEST_BINARY_IS_SLUICE"

// shared is the PostgreSQL server of the tests that do not stop it.
var shared postgrestest.Shared

func TestMain(m *testing.M) {
	if os.Getenv(beSluice) != "" {
		main()
	}
	failed := m.Run()
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		failed = 1
	}
	os.Exit(failed)
}

// quickEnd keeps the race detector from waiting a second when the process ends.
const quickEnd = "GORACE=atexit_sleep_ms=0"

// start starts sluice as a process of its own. It sees no variables that
// configure it, and is killed when the test ends before it.
func start(t *testing.T, stdin io.Reader, stdout, stderr io.Writer, args ...string) *exec.Cmd {
	t.Helper()
	return startEnv(t, nil, stdin, stdout, stderr, args...)
}

// startEnv is start with variables that it sees all the same.
func startEnv(t *testing.T, environ []string, stdin io.Reader, stdout, stderr io.Writer, args ...string) *exec.Cmd {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	launch(t, cmd, environ, stdin, stdout, stderr)
	return cmd
}

// launch starts a command that is sluice, or becomes it.
func launch(t *testing.T, cmd *exec.Cmd, environ []string, stdin io.Reader, stdout, stderr io.Writer) {
	t.Helper()
	cmd.Env = append([]string{beSluice + "=1", quickEnd, noControl}, environ...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	cmd.WaitDelay = time.Minute
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // an error says that it has ended
}

// code waits for the end and returns the exit code, -1 after a signal.
func code(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	err := cmd.Wait()
	if e, ok := errors.AsType[*exec.ExitError](err); ok || err == nil {
		if e == nil {
			return 0
		}
		return e.ExitCode()
	}
	t.Fatal(err)
	return -1
}

// endless writes records into a pipe until nobody reads it any more.
func endless(w *os.File) {
	defer w.Close()
	out := bufio.NewWriter(w)
	for i := 0; ; i++ {
		if _, err := fmt.Fprintf(out, `{"n":%d,"level":"info"}`+"\n", i); err != nil {
			return
		}
	}
}

// pipe returns a pipe whose ends are closed when the test ends.
func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() }) // most are closed by then
	return r, w
}

func TestASignalInMidStreamDrainsAndExits5(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			inTemp(t, nil)
			inR, inW := pipe(t)
			outR, outW := pipe(t)
			var stderr bytes.Buffer
			cmd := start(t, inR, outW, &stderr, "run", "--sink", "stdout://", "--report", "r.json")
			inR.Close()
			outW.Close()
			go endless(inW)

			lines := 0
			for scanner := bufio.NewScanner(outR); scanner.Scan(); lines++ {
				if want := fmt.Sprintf(`{"n":%d,"level":"info"}`, lines); scanner.Text() != want {
					t.Fatalf("line %d is %s, want %s", lines+1, scanner.Text(), want)
				}
				if lines != 10_000 {
					continue
				}
				for range 2 { // in the middle of the stream, and twice, as timeout(1) does
					if err := cmd.Process.Signal(sig); err != nil {
						t.Fatal(err)
					}
				}
			}
			if got := code(t, cmd); got != exitStopped {
				t.Errorf("exit %d, want 5\n%s", got, stderr.String())
			}
			report := readReport(t, "r.json")
			if int(report.Persisted) != lines || report.Left != 0 || report.InFlight != 0 {
				t.Errorf("%d lines came out; the report says %+v", lines, report.Counts)
			}
			if !strings.Contains(stderr.String(), "reading no more; finishing") || !strings.Contains(stderr.String(), "stopped before the end of the input") {
				t.Errorf("stderr is %s", stderr.String())
			}
		})
	}
}

// signalTwice sends the first signal, and the others when that was heard and they count
// as others, and returns what is told until the end.
func signalTwice(t *testing.T, cmd *exec.Cmd, stderr io.Reader, first syscall.Signal, others ...syscall.Signal) string {
	t.Helper()
	var text strings.Builder
	send := func() {
		for _, sig := range others {
			if err := cmd.Process.Signal(sig); err != nil {
				t.Error(err)
			}
		}
	}
	if err := cmd.Process.Signal(first); err != nil {
		t.Fatal(err)
	}
	for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
		fmt.Fprintln(&text, scanner.Text())
		if strings.Contains(scanner.Text(), "reading no more") {
			later := time.AfterFunc(2*sameSignal, send)
			defer later.Stop()
		}
	}
	return text.String()
}

func TestASecondSignalEndsARunThatCannotDrain(t *testing.T) {
	for name, c := range map[string]struct {
		signals []syscall.Signal
		says    string
	}{
		"SIGTERM twice":             {[]syscall.Signal{syscall.SIGTERM, syscall.SIGTERM}, "terminated again: ending at once"},
		"SIGHUP again says no more": {[]syscall.Signal{syscall.SIGHUP, syscall.SIGHUP, syscall.SIGTERM}, "terminated again: ending at once"},
	} {
		t.Run(name, func(t *testing.T) { testSecondSignal(t, c.signals, c.says) })
	}
}

func testSecondSignal(t *testing.T, signals []syscall.Signal, says string) {
	inTemp(t, nil)
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	errR, errW := pipe(t)
	cmd := start(t, inR, outW, errW, "run", "--sink", "stdout://", "--report", "r.json")
	inR.Close()
	outW.Close()
	errW.Close()
	go endless(inW)
	if _, err := outR.Read(make([]byte, 1)); err != nil { // it is under way, and nobody reads any more
		t.Fatal(err)
	}
	text := signalTwice(t, cmd, errR, signals[0], signals[1:]...)
	if got := code(t, cmd); got != exitLeft || !strings.Contains(text, says) {
		t.Errorf("exit %d, want 3\n%s", got, text)
	}
	if report := readReport(t, "r.json"); report.Left == 0 || report.InFlight != 0 {
		t.Errorf("the report says %+v; expected records left", report.Counts)
	}
}

// Under nohup a closed terminal does not end a run.
func TestSIGHUPStaysIgnoredWhereItIs(t *testing.T) {
	inTemp(t, nil)
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.Command("sh", "-c", `trap "" HUP; exec "$0" run --sink stdout://`, path)
	launch(t, cmd, nil, inR, outW, &stderr)
	inR.Close()
	outW.Close()
	go endless(inW)
	if _, err := outR.Read(make([]byte, 1)); err != nil { // it is under way
		t.Fatal(err)
	}
	for _, sig := range []syscall.Signal{syscall.SIGHUP, syscall.SIGTERM} {
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := io.Copy(io.Discard, outR); err != nil {
		t.Fatal(err)
	}
	if got := code(t, cmd); got != exitStopped || !strings.Contains(stderr.String(), "terminated: reading no more") {
		t.Errorf("exit %d\n%s", got, stderr.String())
	}
}

// What could not be said on stderr is no failure of the job.
func TestAStderrThatTakesNothingChangesNothing(t *testing.T) {
	inTemp(t, map[string]string{"in.ndjson": numbered(1000)})
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("there is no device that is always full here: run it on Linux")
	}
	defer full.Close()
	for name, stderr := range map[string]io.Writer{"full": full, "none": nil} {
		if got := code(t, start(t, nil, nil, stderr, "run", "--from-start", "--report", "r.json", "in.ndjson")); got != exitDone {
			t.Errorf("%s: exit %d", name, got)
		}
		if report := readReport(t, "r.json"); report.Persisted != 1000 || report.Error != "" {
			t.Errorf("%s: the report says %+v, %q", name, report.Counts, report.Error)
		}
	}
}

func TestAClosedStdoutIsAnErrorWithAMessage(t *testing.T) {
	inTemp(t, map[string]string{"in.ndjson": numbered(50_000)})
	outR, outW := pipe(t)
	outR.Close()
	var stderr bytes.Buffer
	cmd := start(t, nil, outW, &stderr, "run", "--sink", "stdout://", "in.ndjson")
	outW.Close()
	if got := code(t, cmd); got != exitFailed || !strings.Contains(stderr.String(), "broken pipe") {
		t.Errorf("exit %d\n%s", got, stderr.String())
	}
}

func TestTheProgramNamesItsVersion(t *testing.T) {
	var stdout bytes.Buffer
	cmd := start(t, nil, &stdout, nil, "version")
	if got := code(t, cmd); got != exitDone || !strings.HasPrefix(stdout.String(), "sluice ") {
		t.Errorf("exit %d, stdout %q", got, stdout.String())
	}
}
