//go:build unix

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// eventually asks until it holds. The failure says what was wanted and what
// sluice has told.
func (s *serving) eventually(what string, holds func() bool) {
	s.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for begun := time.Now(); !holds(); <-tick.C {
		select {
		case <-s.told:
			s.t.Fatalf("it ended before %s:\n%s", what, s.stderr())
		default:
		}
		if time.Since(begun) > patience {
			s.t.Fatalf("%s did not come:\n%+v\n%s", what, s.status(), s.stderr())
		}
	}
}

// firstRecords are in the sink before a fault, laterRecords come during it.
const (
	firstRecords = 600
	laterRecords = 300
)

// faultRecords returns the records lo to hi. Every tenth does not fit its
// column and becomes a dead letter, and every tenth has nothing for it.
func faultRecords(lo, hi int) string {
	var b strings.Builder
	for n := lo; n < hi; n++ {
		switch n % 10 {
		case 3:
			fmt.Fprintf(&b, `{"n":%d,"size":"unknown"}`+"\n", n)
		case 5:
			fmt.Fprintf(&b, `{"n":%d}`+"\n", n)
		default:
			fmt.Fprintf(&b, `{"n":%d,"size":%d}`+"\n", n, n*50)
		}
	}
	return b.String()
}

// store is where a test's records go.
type store struct {
	sink    string
	environ []string                    // of sluice
	admin   string                      // the URL for a superuser, of a server
	letter  string                      // the key dead_letters, "" for the default
	keyed   bool                        // n is the key
	rows    func(t *testing.T) []string // n of each row
	dead    func(t *testing.T) []string // the record of each dead letter
}

// config is the configuration for a store, with short waits.
func (d *store) config() string {
	n := "integer"
	if d.keyed {
		n = "{type: integer, key: true}"
	}
	text := fmt.Sprintf("persist:\n  sink: %q\n  table: t\n  columns: {n: %s, size: integer}\n  retry: {backoff: 5ms, max_backoff: 50ms}\n", d.sink, n)
	if d.letter != "" {
		text += "dead_letters: " + d.letter + "\n"
	}
	return text + "drain_timeout: 1s\n"
}

// exactlyOnce finds each record once, as a row or as a dead letter.
func (d *store) exactlyOnce(t *testing.T, total int) {
	t.Helper()
	times := map[string]int{}
	for _, n := range d.rows(t) {
		times[n]++
	}
	for _, record := range d.dead(t) {
		var fields struct{ N json.Number }
		if err := json.Unmarshal([]byte(record), &fields); err != nil {
			t.Errorf("a dead letter has the record %s: %v", record, err)
		}
		times[fields.N.String()]++
	}
	var wrong []string
	for n := range total {
		if k := fmt.Sprint(n); times[k] != 1 {
			wrong = append(wrong, fmt.Sprintf("%s %d times", k, times[k]))
		}
	}
	if len(wrong) > 0 || len(times) != total {
		t.Errorf("%d of %d records are not there exactly once, and %d ids: %s", len(wrong), total, len(times), strings.Join(wrong[:min(len(wrong), 10)], ", "))
	}
}

// inSQLite is a database in dir, with the dead letters in its table.
func inSQLite(dir string) *store {
	path := filepath.Join(dir, "out.db")
	return &store{
		sink: "sqlite://" + path,
		rows: func(t *testing.T) []string { return query(t, path, "SELECT n FROM t") },
		dead: func(t *testing.T) []string { return query(t, path, "SELECT record FROM dead_letters") },
	}
}

// inFiles are files of rows with options in dir, with the dead letters beside them.
func inFiles(dir, options string) *store {
	lines := func(t *testing.T, part string) (all []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries { // sorted by name
			if name := e.Name(); strings.HasPrefix(name, part) && !strings.HasSuffix(name, ".lock") && !strings.HasSuffix(name, ".progress.json") {
				all = append(all, plainLines(t, filepath.Join(dir, name))...)
			}
		}
		return all
	}
	return &store{
		sink: "ndjson://" + filepath.Join(dir, "rows.ndjson") + options,
		rows: func(t *testing.T) []string { return fieldOf(t, "n", lines(t, "rows")) },
		dead: func(t *testing.T) []string { return fieldOf(t, "record", lines(t, "dead_letters")) },
	}
}

// plainLines returns the lines of a file, which may be compressed with gzip.
func plainLines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := gzip.NewReader(bytes.NewReader(text)); err == nil {
		if text, err = io.ReadAll(r); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return lines(string(text))
}

// fieldOf returns one field of each line, as text.
func fieldOf(t *testing.T, name string, lines []string) (values []string) {
	for _, line := range lines {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Errorf("line %q: %v", line, err)
			continue
		}
		value := string(fields[name])
		if text := ""; json.Unmarshal(fields[name], &text) == nil {
			value = text
		}
		values = append(values, value)
	}
	return values
}

// outage is one fault and how it is mended.
type outage struct {
	says    []string // what the message must have in it
	inflict func()
	cure    func() // nil for a fault that is over by itself
}

// startOn starts sluice on a store with the first records in it, in the working
// directory of the test, which it has to have made.
func startOn(t *testing.T, d *store) *serving {
	t.Helper()
	s := startOnNothing(t, d)
	s.eventually("the first records", func() bool { return s.settled() == firstRecords })
	return s
}

// startOnNothing is startOn that does not wait for the first records.
func startOnNothing(t *testing.T, d *store) *serving {
	t.Helper()
	writeFile(t, "sluice.yaml", d.config())
	writeFile(t, "in.ndjson", faultRecords(0, firstRecords))
	return serve(t, nil, d.environ, "serve", "in.ndjson")
}

// settled is how many records have come to their end.
func (s *serving) settled() int64 {
	l := s.status().Ledger
	return l.Persisted + l.Dead
}

// outlive has a fault strike a sluice that has the first records in, sends more,
// waits for the message and mends the fault: the records must go in without a
// restart. In the end each is there once.
func outlive(t *testing.T, s *serving, d *store, o outage) {
	t.Helper()
	o.inflict()
	later := faultRecords(firstRecords, firstRecords+laterRecords)
	answer := s.postBeside("?timeout=30s", later)
	if o.cure != nil {
		s.waitsSaying(o.says...)
		o.cure()
	}
	s.eventually("the answer to the post", func() bool { return len(answer) > 0 })
	if p := <-answer; p.Code != http.StatusOK || p.Persisted+p.Dead != laterRecords {
		t.Fatalf("the post is answered %+v\n%s", p, s.stderr())
	}
	if o.cure != nil && !strings.Contains(s.stderr(), "the sink takes records again") {
		t.Errorf("nobody is told that it goes on:\n%s", s.stderr())
	}
	s.endsWell()
	d.exactlyOnce(t, firstRecords+laterRecords)
}

// postBeside posts beside the test, which may be over before the answer comes. A
// post without an answer has the code 0.
func (s *serving) postBeside(query, body string) <-chan posted {
	answer := make(chan posted, 1)
	go func() {
		var p posted
		if response, err := http.Post(s.url+"/v1/records"+query, "", strings.NewReader(body)); err == nil {
			defer response.Body.Close()
			if json.NewDecoder(response.Body).Decode(&p) == nil {
				p.Code = response.StatusCode
			}
		}
		answer <- p
	}()
	return answer
}

// endsWell ends it with a signal. Nothing may have failed.
func (s *serving) endsWell() {
	s.t.Helper()
	if l := s.status().Ledger; !l.Closes() {
		s.t.Errorf("the ledger does not close: %+v", l)
	}
	if got := s.end(syscall.SIGTERM); got != exitDone {
		s.t.Errorf("exit %d\n%s", got, s.stderr())
	}
}

// waitsSaying waits until the sink waits, and status and stderr say all of this.
func (s *serving) waitsSaying(words ...string) {
	s.t.Helper()
	s.eventually(fmt.Sprintf("a status that says %q", words), func() bool {
		sink := s.status().Sink
		return sink.WaitingSince != nil && contains(sink.LastError, words)
	})
	s.eventually("the same on stderr", func() bool { return contains(s.stderr(), words) })
	s.t.Logf("it says:\n%s", s.status().Sink.LastError)
}

func contains(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// failsSaying waits until the run has failed, and status and stderr say all of this.
func (s *serving) failsSaying(words ...string) {
	s.t.Helper()
	s.eventually(fmt.Sprintf("a run that has failed with %q", words), func() bool {
		status := s.status()
		return status.State == "failed" && contains(status.LastError, words) && contains(s.stderr(), words)
	})
	s.t.Logf("it says:\n%s", s.status().LastError)
}

// cannotStart expects that a run on a store ends at once, and says all of this.
func cannotStart(t *testing.T, d *store, exit int, words ...string) {
	t.Helper()
	writeFile(t, "sluice.yaml", d.config())
	writeFile(t, "in.ndjson", faultRecords(0, firstRecords))
	var stderr strings.Builder
	if got := code(t, startEnv(t, d.environ, nil, nil, &stderr, "run", "in.ndjson")); got != exit || !contains(stderr.String(), words) {
		t.Errorf("exit %d, want %d; it should say %q and says\n%s", got, exit, words, stderr.String())
	} else {
		t.Logf("it says:\n%s", stderr.String())
	}
}

// startsNow expects that a run on a store takes all in.
func startsNow(t *testing.T, d *store) {
	t.Helper()
	writeFile(t, "sluice.yaml", d.config())
	var stderr strings.Builder
	if got := code(t, start(t, nil, nil, &stderr, "run", "in.ndjson")); got != exitDone {
		t.Errorf("exit %d\n%s", got, stderr.String())
	}
	d.exactlyOnce(t, firstRecords)
}

// alter changes the database at path beside sluice.
func alter(t *testing.T, path string, statements ...string) {
	t.Helper()
	conn, err := sqlite.OpenConn(path, sqlite.OpenReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetBusyTimeout(patience)
	for _, sql := range statements {
		if err := sqlitex.ExecuteTransient(conn, sql, nil); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}
