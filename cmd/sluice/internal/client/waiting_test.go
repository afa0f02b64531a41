package client

import (
	"strings"
	"testing"
	"time"

	"sluice/control"
)

func TestAStatusTellsWhoWaitsForWhat(t *testing.T) {
	now := time.Now()
	since, next := now.Add(-time.Minute), now.Add(5*time.Second)
	s := control.Status{
		Stages: []control.Stage{
			{Name: "validate", Breaker: "closed"},
			{Name: "enrich", Breaker: "open", ProbeInS: 12, LastError: "503 from lookup", Lanes: []control.Lane{{Lane: "low", Retrying: 5}}},
			{Name: "persist", LastError: "slow", Lanes: []control.Lane{{Lane: "high"}, {Lane: "low", Retrying: 5, RetryInS: 2}}},
		},
		Sink: control.Sink{WaitingSince: &since, NextTry: &next, LastError: "locked"},
	}
	var b strings.Builder
	if err := Write(&b, s, now); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"waiting      enrich: the breaker is open, probe in 12 s: 503 from lookup\n",
		"waiting      persist: lane low tries again in 2.00 s: slow\n",
		"waiting      sink: failing for 1m 00s, next try in 5.00 s: locked\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
	if n := strings.Count(b.String(), "waiting "); n != 3 {
		t.Errorf("%d lines about waiting, want 3:\n%s", n, b.String())
	}
}
