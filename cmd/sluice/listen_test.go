package main

import (
	"net"
	"strings"
	"testing"

	"sluice/cmd/sluice/internal/config"
)

// listenSomewhere takes an address of this machine until the test ends.
func listenSomewhere(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.Addr().String()
}

func TestARunThatFindsItsAddressTaken(t *testing.T) {
	inTemp(t, nil)
	taken := listenSomewhere(t)
	r := sluiceEnv(t, "{}\n", []string{"SLUICE_LISTEN=" + taken}, "run")
	if r.code != exitFailed || !strings.Contains(r.err.Error(), "listen on "+taken+": another process listens there") {
		t.Errorf("one that was asked for: exit %d, %v", r.code, r.err)
	}
	if l, err := net.Listen("tcp", config.DefaultListen); err == nil {
		defer l.Close()
	} // else somebody else has it, which is as well
	r = sluiceEnv(t, "{}\n", nil, "run", "--report", "r.json")
	if want := config.DefaultListen + " is taken, so this run cannot be steered"; r.code != exitDone || strings.Count(r.stderr, want) != 1 {
		t.Errorf("the default one: exit %d\n%s", r.code, r.stderr)
	}
	if report := readReport(t, "r.json"); report.Persisted != 1 {
		t.Errorf("the report says %+v", report.Counts)
	}
}
