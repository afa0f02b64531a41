package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// inferLines are records that have a key and a level.
func inferLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"id":"e-%d","ts":"2026-03-01T12:00:00Z","level":%q,"n":%d,"rowid":%d,"Rest":"x","a b: c":1.5,"tags":["x"],"yes":true}`+"\n", i, []string{"info", "error", "debug"}[i%3], i, i)
	}
	return b.String()
}

func TestInferPrintsASchema(t *testing.T) {
	inTemp(t, map[string]string{"a.ndjson": inferLines(60) + "not json\n[1]\n{\"torn\n"})
	r := sluice(t, "", "infer", "a.ndjson")
	if r.code != exitDone || !strings.Contains(r.stdout, `"format": "date-time"`) {
		t.Errorf("exit %d", r.code)
	}
	for _, want := range []string{"looked at 60 records", "left out 2 lines (not_json); the first is a.ndjson:61:", "left out 1 lines (not_object)"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("stderr lacks %q", want)
		}
	}
}

func TestWhatInferWritesRunsTheRecordsItRead(t *testing.T) {
	for _, flags := range [][]string{nil, {"--ranges"}} {
		inTemp(t, map[string]string{"a.ndjson": inferLines(300)})
		if r := sluice(t, "", append([]string{"infer", "--dir", "p", "a.ndjson"}, flags...)...); r.code != exitDone || r.stdout != "" {
			t.Fatalf("exit %d", r.code)
		}
		if r := sluice(t, "", "check", "-c", "p/sluice.yaml"); r.code != exitDone || !strings.Contains(r.stdout, "by the field level") || !strings.Contains(r.stdout, "key id") {
			t.Errorf("check: exit %d", r.code)
		}
		if r := sluice(t, "", "run", "-c", "p/sluice.yaml", "--fail-on-dead", "a.ndjson"); r.code != exitDone {
			t.Errorf("run: exit %d", r.code)
		}
		rows := query(t, filepath.Join("p", "events.db"), `select id, rowid_2, "Rest_2", "a b: c", yes, rest from events where id = 'e-7'`)
		if len(rows) != 1 || rows[0] != "e-7|7|x|1.5|1|{}" && rows[0] != "e-7|7|x|1.5|1|" {
			t.Errorf("rows %q", rows)
		}
	}
}

func TestInferDoesNotWriteOverAFile(t *testing.T) {
	inTemp(t, map[string]string{"p/sluice.yaml": "mine"})
	r := sluice(t, inferLines(3), "infer", "--dir", "p")
	if r.code != exitFailed || !strings.Contains(r.err.Error(), "is there already") {
		t.Errorf("exit %d: %v", r.code, r.err)
	}
	if _, err := os.Stat("p/event.schema.json"); err == nil {
		t.Error("half of it was written")
	}
	if text, err := os.ReadFile("p/sluice.yaml"); err != nil || string(text) != "mine" {
		t.Errorf("the file is now %q", text)
	}
}

func TestInferSaysWhatItCannotUse(t *testing.T) {
	inTemp(t, map[string]string{"empty.ndjson": "\n"})
	for name, tt := range map[string]struct {
		args string
		code int
		want string
	}{
		"no record":            {"infer empty.ndjson", exitFailed, "there is no record in the input"},
		"a file that is not":   {"infer no.ndjson", exitFailed, "no.ndjson: no such file"},
		"stdin beside a file":  {"infer - empty.ndjson", exitUsage, "- (stdin) stands beside files"},
		"another thing to out": {"infer --out yaml", exitUsage, `--out "yaml"; expected schema or config`},
		"a negative limit":     {"infer --limit -1", exitUsage, "expected a number of lines"},
		"no table":             {"infer --table=", exitUsage, "--table is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			if r := sluice(t, "", strings.Fields(tt.args)...); r.code != tt.code || !strings.Contains(r.err.Error(), tt.want) {
				t.Errorf("exit %d with %v, want %d with %s", r.code, r.err, tt.code, tt.want)
			}
		})
	}
}

func TestInferTakesStdinAndALimit(t *testing.T) {
	r := sluice(t, inferLines(50), "infer", "--out", "config", "--limit", "10", "--table", "requests")
	if r.code != exitDone || !strings.Contains(r.stdout, "sink: sqlite://requests.db") || !strings.Contains(r.stderr, "looked at 10 records") {
		t.Errorf("exit %d", r.code)
	}
}
