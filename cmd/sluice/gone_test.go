package main

import (
	"strings"
	"testing"
)

func TestATableThatWasDroppedBetweenRunsIsNotTakenForDone(t *testing.T) {
	inTemp(t, pipelineFiles)
	if r := sluice(t, "", "run", "app.ndjson"); r.code != exitDone {
		t.Fatalf("exit %d", r.code)
	}
	drop := func() { alter(t, "events.db", "DROP TABLE events") }
	drop()
	for _, command := range [][]string{{"run", "app.ndjson"}, {"run", "--follow", "app.ndjson"}, {"serve", "--listen", "127.0.0.1:0", "app.ndjson"}} {
		r := sluice(t, "", command...)
		if r.code != exitFailed || !strings.Contains(r.err.Error(), "is not there, but sluice_progress vouches for rows in it of ") || !strings.Contains(r.err.Error(), "app.ndjson (up to byte ") {
			t.Errorf("%v: exit %d\n%s", command, r.code, r.stderr)
		}
	}
	if r := sluice(t, "", "run", "--from-start", "app.ndjson"); r.code != exitDone || !strings.Contains(r.stderr, "is made anew; the progress of ") {
		t.Errorf("from the start: exit %d\n%s", r.code, r.stderr)
	}
	expectRows(t, "events.db", "SELECT count(*) FROM events", "2")
	drop()
	// A run that goes on from nothing is not hindered, and the next one reads the file anew.
	if r := sluice(t, "", "run"); r.code != exitDone || !strings.Contains(r.stderr, "is made anew; the progress of ") {
		t.Errorf("of stdin: exit %d\n%s", r.code, r.stderr)
	}
	if r := sluice(t, "", "run", "app.ndjson"); r.code != exitDone {
		t.Errorf("exit %d\n%s", r.code, r.stderr)
	}
	expectRows(t, "events.db", "SELECT count(*) FROM events", "2")
}
