package main

import (
	"net/http"
	"strings"
	"syscall"
	"testing"
)

func TestTheControlSectionReachesTheAPI(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": "control: {hosts: [sluice.example], ready: {max_depth: 5}}\n" + table})
	s := serve(t, nil, nil, "serve")
	for host, want := range map[string]int{"sluice.example": 200, "elsewhere.example": 421} {
		request, err := http.NewRequest(http.MethodGet, s.url+"/v1/status", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("a request to %s is answered with %d, want %d", host, response.StatusCode, want)
		}
	}
	if code, text := s.send("GET", "/readyz", ""); code != http.StatusOK {
		t.Errorf("readyz answers %d: %s", code, text)
	}
	s.command("POST", "/v1/stages/validate/pause", "")
	s.post("?ack=accepted", strings.Repeat("{}\n", 100))
	if code, text := s.send("GET", "/readyz", ""); code != http.StatusServiceUnavailable || !strings.Contains(string(text), "100") {
		t.Errorf("with 100 records waiting readyz answers %d: %s", code, text)
	}
	s.command("POST", "/v1/stages/validate/resume", "")
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d", got)
	}
	expectRows(t, "out.db", "SELECT count(*) FROM t", "100")
}

func TestAMistakeInTheControlSectionIsAMistakeInTheConfiguration(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": "control: {listen: off}\n", "bad.yaml": "control:\n  hosts: [\"http://x\"]\n  ready: {max_depth: -1, max_age: -1s}\n"})
	r := sluiceEnv(t, "", nil, "check", "-c", "bad.yaml")
	for _, want := range []string{"bad.yaml:2:3: control.hosts: \"http://x\"", "bad.yaml:3:22: control.ready.max_depth: ", "control.ready.max_age: "} {
		if r.code != exitUsage || !strings.Contains(r.err.Error(), want) {
			t.Errorf("exit %d, no %q", r.code, want)
		}
	}
	if r := sluiceEnv(t, "", nil, "check"); r.code != exitDone || !strings.Contains(r.stdout, "control API    off") {
		t.Errorf("without an API it exits with %d", r.code)
	}
	if r := sluiceEnv(t, "", []string{"SLUICE_LISTEN=:1", "SLUICE_TOKEN=hush"}, "check"); r.code != exitDone || !strings.Contains(r.stdout, "control API    :1, with a token") || strings.Contains(r.stdout, "hush") {
		t.Errorf("with a token it exits with %d", r.code)
	}
}
