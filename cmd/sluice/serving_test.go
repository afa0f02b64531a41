package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"sluice/control"
	"sluice/control/api"
)

// serving is a sluice of its own process whose control API listens.
type serving struct {
	t   testing.TB
	cmd *exec.Cmd
	url string

	told chan struct{} // closed when stderr has ended
	mu   sync.Mutex    // guards what follows
	text strings.Builder
}

// serve starts sluice with the arguments and waits until it listens. The
// working directory is the test's.
func serve(t testing.TB, stdin io.Reader, environ []string, args ...string) *serving {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Env = append(environ, beSluice+"=1", quickEnd)
	cmd.Stdin = stdin
	return listening(t, cmd)
}

// serveBinary is serve with a binary of its own and its stdout.
func serveBinary(t testing.TB, binary string, stdout *os.File, args ...string) *serving {
	t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Stdout = stdout
	return listening(t, cmd)
}

// listening starts a sluice and waits until it listens.
func listening(t testing.TB, cmd *exec.Cmd) *serving {
	t.Helper()
	stderr, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Args = append(cmd.Args, "--listen", "127.0.0.1:0")
	cmd.Stderr = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // an error says that it has ended
	s := &serving{t: t, cmd: cmd, told: make(chan struct{})}
	listens := make(chan string, 1)
	go s.read(stderr, listens)
	select {
	case s.url = <-listens:
	case <-s.told:
		t.Fatalf("it never listened:\n%s", s.stderr())
	}
	return s
}

// read collects stderr and finds where the control API is.
func (s *serving) read(stderr io.ReadCloser, listens chan<- string) {
	defer close(s.told)
	defer stderr.Close()
	for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
		s.mu.Lock()
		fmt.Fprintln(&s.text, scanner.Text())
		s.mu.Unlock()
		for _, before := range []string{"listening on ", "ctl status --url "} {
			if _, url, ok := strings.Cut(scanner.Text(), before); ok {
				select {
				case listens <- url:
				default:
				}
			}
		}
	}
}

func (s *serving) stderr() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// end sends a signal and returns the exit code.
func (s *serving) end(signal syscall.Signal) int {
	s.t.Helper()
	http.DefaultClient.CloseIdleConnections() // a server waits seconds for one that was never used
	if err := s.cmd.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
	return s.wait()
}

// wait waits for the end of the process and returns the exit code.
func (s *serving) wait() int {
	s.t.Helper()
	<-s.told
	_ = s.cmd.Wait() // the code says it
	return s.cmd.ProcessState.ExitCode()
}

// send makes one request; headers are name and value in turn.
func (s *serving) send(method, path, body string, headers ...string) (int, []byte) {
	s.t.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatalf("%s %s: %v\n%s", method, path, err, s.stderr())
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, text
}

// command sends a command, expects 200 and returns the status.
func (s *serving) command(method, path, body string) control.Status {
	s.t.Helper()
	code, text := s.send(method, path, body)
	var status control.Status
	if err := json.Unmarshal(text, &status); code != http.StatusOK || err != nil {
		s.t.Fatalf("%s %s answers %d: %s", method, path, code, text)
	}
	return status
}

func (s *serving) status() control.Status {
	s.t.Helper()
	return s.command(http.MethodGet, "/v1/status", "")
}

// until asks for the status again and again until it is as wanted.
func (s *serving) until(want func(control.Status) bool) control.Status {
	s.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		if status := s.status(); want(status) {
			return status
		}
		<-tick.C
	}
}

// posted is the answer to a post, whichever way it went.
type posted struct {
	api.Records
	Code int    `json:"-"`
	Line int64  `json:"line"` // of a body that was not read to its end
	Why  string `json:"code"`
}

func (s *serving) post(query, body string, headers ...string) posted {
	s.t.Helper()
	code, text := s.send(http.MethodPost, "/v1/records"+query, body, headers...)
	p := posted{Code: code}
	if err := json.Unmarshal(text, &p); err != nil {
		s.t.Fatalf("the answer %d is %s", code, text)
	}
	return p
}

// ctl runs sluice ctl in this process against the one that serves.
func (s *serving) ctl(t *testing.T, args ...string) result {
	t.Helper()
	return sluiceEnv(t, "", []string{"SLUICE_LISTEN=" + strings.TrimPrefix(s.url, "http://")}, append([]string{"ctl"}, args...)...)
}

// lines cuts a text into its lines, with their ends.
func lines(text string) []string {
	var out []string
	for line := range bytes.Lines([]byte(text)) {
		out = append(out, string(line))
	}
	return out
}
