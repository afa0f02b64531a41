package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"sluice/pipeline"
)

// absolute returns a path of the repository, for tests that change directory.
func absolute(t *testing.T, path string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", path))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheSampleComesOutAsItsGeneratorSays(t *testing.T) {
	dir := absolute(t, "testdata/sample")
	text, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Lines, Persisted, Rows, Dead int64
		DeadByCode                   map[pipeline.Code]int64 `json:"dead_by_code"`
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	inTemp(t, nil)
	r := sluice(t, "", "run", "-c", filepath.Join(dir, "sluice.yaml"), "--sink", "sqlite://events.db", "--report", "r.json",
		filepath.Join(dir, "events.ndjson.gz"))
	report := readReport(t, "r.json")
	if r.code != exitDone || report.Accepted != want.Lines || report.Persisted != want.Persisted || report.Dead != want.Dead {
		t.Errorf("exit %d with %+v, want %+v", r.code, report.Counts, want)
	}
	if !maps.Equal(report.DeadByCode, want.DeadByCode) {
		t.Errorf("dead by code %v, want %v", report.DeadByCode, want.DeadByCode)
	}
	expectRows(t, "events.db", "SELECT count(*) FROM events", strconv.FormatInt(want.Rows, 10))
	expectRows(t, "events.db", "SELECT count(*) FROM dead_letters WHERE record IS NULL OR message = '' OR stage = ''", "0")
}

// accessLogs is the configuration of a job over web requests.
const accessLogs = `
source:   {lane: {field: response, map: {503: critical, 404: high}}}
validate: {schema: access.schema.json}
enrich:
  steps:
    - lookup: {field: geo.src, table: countries.csv, key: code, add: {country: name}}
persist:
  sink: sqlite://logs.db
  table: logs
  columns:
    timestamp: {type: timestamp, key: true}
    clientip:  {type: text, key: true}
    url:       {type: text, key: true}
    response:  integer
    bytes:     integer
    country:   text
  rest: data
`

func TestRealAccessLogsComeOutOnceHoweverOftenTheyAreRead(t *testing.T) {
	corpus := os.Getenv("SLUICE_CORPUS")
	if corpus == "" {
		t.Skip("set SLUICE_CORPUS to the folder that holds kibana/access-logs.ndjson.gz")
	}
	logs, err := filepath.Abs(filepath.Join(corpus, "kibana", "access-logs.ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	inTemp(t, map[string]string{
		"sluice.yaml":        accessLogs,
		"access.schema.json": `{"type": "object", "required": ["timestamp", "clientip", "url"], "properties": {"response": {"type": "integer"}}}`,
		"countries.csv":      "code,name\nIN,India\nUS,United States\nNA,Namibia\n",
	})
	for _, run := range []struct {
		args     string
		accepted int64
	}{{"run", 14_074}, {"run", 0}, {"run --from-start", 14_074}} {
		r := sluice(t, "", append(strings.Fields(run.args), "--report", "r.json", logs)...)
		report := readReport(t, "r.json")
		if r.code != exitDone || report.Accepted != run.accepted || report.Persisted != run.accepted {
			t.Errorf("%s: exit %d, %+v", run.args, r.code, report.Counts)
		}
		if done := strings.Contains(r.stderr, "already done, 0 new"); done != (run.accepted == 0) {
			t.Errorf("%s: that it was done already is said: %v", run.args, done)
		}
		expectRows(t, "logs.db", "SELECT count(*) FROM logs", "14068")
	}
	expectRows(t, "logs.db", "SELECT count(*) > 0 FROM logs WHERE country = 'Namibia'", "1")
}
