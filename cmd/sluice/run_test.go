package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const events = `{"level":"error","host":"web-1","status":503,"ms":812}
{"level":"info","host":"web-2","status":200,"ms":12}

{"level":"info","host":"web-1","status":"ok"}
not even JSON
`

// pipelineFiles are a pipeline with everything: schema, steps and columns.
var pipelineFiles = map[string]string{
	"app.ndjson":        events,
	"event.schema.json": `{"type": "object", "properties": {"status": {"type": "integer"}}}`,
	"hosts.csv":         "host,region\nweb-1,eu\nweb-2,us\n",
	"sluice.yaml": `
source:   {lane: {field: level, map: {error: high}}}
validate: {schema: event.schema.json}
enrich:
  steps:
    - lookup: {field: host, table: hosts.csv, key: host, add: {region: region}}
persist:
  sink: sqlite://events.db
  table: events
  columns: {level: text, region: text, status: integer}
  rest: data
`,
}

func TestRunWithoutAConfiguration(t *testing.T) {
	inTemp(t, nil)
	r := sluice(t, events, "run", "--report", "report.json", "--lane-field", "level")
	if r.code != exitDone {
		t.Fatalf("exit %d", r.code)
	}
	expectRows(t, "sluice.db", "SELECT lane, count(*) FROM records GROUP BY lane", "high|1", "normal|2")
	expectRows(t, "sluice.db", "SELECT data FROM records WHERE lane = 'high'", strings.SplitN(events, "\n", 2)[0])
	expectRows(t, "sluice.db", "SELECT code, lane, source, position, record FROM dead_letters", fmt.Sprintf("not_json|normal|stdin|%d|not even JSON", strings.Index(events, "not even")))
	report := readReport(t, "report.json")
	if report.Accepted != 4 || report.Persisted != 3 || report.Dead != 1 || report.DeadByCode["not_json"] != 1 || report.Lanes.High.Persisted != 1 {
		t.Errorf("the report says %+v", report)
	}
	for _, want := range []string{
		"accepted   4  in", "persisted  3", "rows          table records in sluice.db", "sqlite3 sluice.db",
		"dead letters  table dead_letters in sluice.db", "not_json 1\n    line 5: ",
	} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("the summary has no %q", want)
		}
	}
	if strings.ContainsRune(r.stderr, '\x1b') {
		t.Error("there are escape codes, and no terminal")
	}
}

func TestRunOfAFileTwiceAndFromItsStart(t *testing.T) {
	inTemp(t, pipelineFiles)
	if r := sluice(t, "", "run", "app.ndjson"); r.code != exitDone {
		t.Fatalf("exit %d", r.code)
	}
	expectRows(t, "events.db", "SELECT level, region, status, data FROM events ORDER BY level",
		`error|eu|503|{"host":"web-1","ms":812}`, `info|us|200|{"host":"web-2","ms":12}`)
	expectRows(t, "events.db", "SELECT code, pointer FROM dead_letters ORDER BY code", "not_json|", "schema|/status")

	r := sluice(t, "", "run", "app.ndjson", "--report", "report.json")
	if r.code != exitDone || !strings.Contains(r.stderr, "app.ndjson: already done, 0 new (--from-start reads it again)") {
		t.Errorf("the second run exits with %d and says %s", r.code, r.stderr)
	}
	if report := readReport(t, "report.json"); report.Accepted != 0 {
		t.Errorf("the second run accepted %d", report.Accepted)
	}
	if r := sluice(t, "", "run", "--from-start", "app.ndjson", "--report", "report.json"); r.code != exitDone {
		t.Errorf("exit %d", r.code)
	}
	if report := readReport(t, "report.json"); report.Accepted != 4 {
		t.Errorf("from its start %d were accepted, want 4", report.Accepted)
	}
}

func TestRunThatUpsertsToTheSameRows(t *testing.T) {
	files := map[string]string{
		"app.ndjson":  `{"id":1,"v":"a"}` + "\n" + `{"id":2,"v":"b"}` + "\n" + `{"id":1,"v":"c"}` + "\n",
		"sluice.yaml": "persist: {sink: sqlite://x.db, table: t, columns: {id: {type: integer, key: true}, v: text}}\n",
	}
	inTemp(t, files)
	for range 2 {
		r := sluice(t, "", "run", "--from-start", "--report", "r.json", "app.ndjson")
		if report := readReport(t, "r.json"); r.code != exitDone || report.Persisted != 3 {
			t.Errorf("exit %d, persisted %d; a row that replaces one counts", r.code, report.Persisted)
		}
		expectRows(t, "x.db", "SELECT id, v FROM t ORDER BY id", "1|c", "2|b")
	}
}

func TestDryRunShowsAndChangesNothing(t *testing.T) {
	inTemp(t, pipelineFiles)
	before := entries(t)
	r := sluice(t, "", "run", "--dry-run", "app.ndjson")
	lines := strings.Split(strings.TrimSpace(r.stdout), "\n")
	if r.code != exitDone || len(lines) != 4 {
		t.Fatalf("exit %d with %d lines, want the rows and dead letters of 4 records", r.code, len(lines))
	}
	if !strings.Contains(r.stdout, `"region":"eu"`) || !strings.Contains(r.stdout, `"code":"not_json"`) {
		t.Error("the rows or the dead letters are not shown")
	}
	if r := sluice(t, "", "run", "--dry-run", "--limit", "1", "app.ndjson"); r.code != exitDone || strings.Count(r.stdout, "\n") != 1 {
		t.Errorf("with --limit 1 there are %d lines", strings.Count(r.stdout, "\n"))
	}
	if after := entries(t); after != before {
		t.Errorf("the directory had %s and has %s", before, after)
	}
}

func entries(t *testing.T) string {
	t.Helper()
	names, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(names, " ")
}

func TestFailOnDead(t *testing.T) {
	inTemp(t, nil)
	r := sluice(t, "nope\n{}\n", "run", "--fail-on-dead", "--sink", "stdout://", "--report", "r.json")
	if r.code != exitDead || r.stdout != "{}\n" {
		t.Errorf("exit %d, stdout %q", r.code, r.stdout)
	}
	if report := readReport(t, "r.json"); report.Error == "" {
		t.Error("the report has no error")
	}
	if r := sluice(t, "{}\n", "run", "--fail-on-dead", "--sink", "stdout://"); r.code != exitDone {
		t.Errorf("without dead letters it exits with %d", r.code)
	}
}

func TestTheReportOnStdout(t *testing.T) {
	inTemp(t, nil)
	r := sluice(t, "{}\n", "run", "--report", "-")
	if r.code != exitDone || !strings.HasPrefix(r.stdout, "{\n  \"accepted\": 1,") {
		t.Errorf("exit %d", r.code)
	}
	r = sluice(t, "{}\n", "run", "--report", "-", "--sink", "stdout://")
	if r.code != exitUsage || !strings.Contains(r.err.Error(), "both go to stdout") {
		t.Errorf("beside rows on stdout it exits with %d", r.code)
	}
}

func TestAReportIsWrittenAlsoWhenNothingCouldStart(t *testing.T) {
	inTemp(t, nil)
	r := sluice(t, "", "run", "--report", "r.json", "--sink", "sqlite://no/such/dir.db")
	if report := readReport(t, "r.json"); r.code == exitDone || report.Error == "" || report.Accepted != 0 {
		t.Errorf("exit %d, the report says %+v", r.code, report)
	}
}

func TestTruncatedGzipGivesItsWholeRecordsAndExits3(t *testing.T) {
	inTemp(t, nil)
	whole := gzipped(t, numbered(20_000))
	writeFile(t, "cut.ndjson.gz", whole[:len(whole)/2])
	r := sluice(t, "", "run", "--report", "r.json", "cut.ndjson.gz")
	if report := readReport(t, "r.json"); r.code != exitLeft || report.Persisted < 1000 {
		t.Errorf("exit %d, persisted %d", r.code, report.Persisted)
	}
}

func TestFailuresSayWhatToDo(t *testing.T) {
	for name, tt := range map[string]struct {
		files map[string]string
		args  string
		code  int
		want  []string
	}{
		"a schema file that is missing": {
			map[string]string{"sluice.yaml": "validate: {schema: no.json}\n"}, "run", 2,
			[]string{"sluice.yaml:1:20: validate.schema: ", "no.json", "no such file"},
		},
		"a schema file on the command line that is missing": {
			nil, "run --schema no.json", 2, []string{"--schema: validate.schema: ", "no.json", "no such file"},
		},
		"a sink that is unknown": {nil, "run --sink redis://x", 2, []string{"--sink: persist.sink: ", "redis://"}},
		"five mistakes at once": {
			map[string]string{"sluice.yaml": `
source: {max_depht: 3}
validate: {schema: no.json, workers: 0}
enrich: {steps: [{compute: {x: "1 +"}}]}
persist: {columns: {a: strnig}}
`}, "check", 2,
			[]string{
				"the configuration has 5 mistakes", "sluice.yaml:2:10: source.max_depht: unknown key; did you mean max_depth?",
				"sluice.yaml:3:20: validate.schema: ", "sluice.yaml:3:38: validate.workers: 0; expected 1 to 1024",
				"sluice.yaml:4:", "enrich.steps[0].compute.x: ", "sluice.yaml:5:24: persist.columns.a.type: ", "text",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			inTemp(t, tt.files)
			r := sluice(t, "", strings.Fields(tt.args)...)
			if r.code != tt.code {
				t.Errorf("exit %d, want %d", r.code, tt.code)
			}
			for _, want := range tt.want {
				if !strings.Contains(r.err.Error(), want) {
					t.Errorf("no %q", want)
				}
			}
			if _, err := os.Stat("sluice.db"); err == nil {
				t.Error("a database was made all the same")
			}
		})
	}
}

func TestATableThatDoesNotFit(t *testing.T) {
	inTemp(t, pipelineFiles)
	if r := sluice(t, events, "run"); r.code != exitDone {
		t.Fatalf("exit %d", r.code)
	}
	writeFile(t, "other.yaml", "persist: {sink: sqlite://events.db, table: events, columns: {level: integer, host: text}}\n")
	for _, command := range []string{"run", "check"} {
		r := sluice(t, "", command, "-c", "other.yaml")
		if r.code != exitUsage || !strings.Contains(r.err.Error(), "ALTER TABLE") || !strings.Contains(r.err.Error(), "level") {
			t.Errorf("%s exits with %d and says %v", command, r.code, r.err)
		}
	}
}

func TestCheckSaysWhatItFoundAndChangesNothing(t *testing.T) {
	inTemp(t, pipelineFiles)
	before := entries(t)
	r := sluice(t, "", "check")
	for _, want := range []string{"configuration  sluice.yaml", "by the field level, 1 values; otherwise normal", "hosts.csv: 2 rows", "3 columns", "control API    off", "\nOK\n"} {
		if r.code != exitDone || !strings.Contains(r.stdout, want) {
			t.Errorf("exit %d, no %q", r.code, want)
		}
	}
	if after := entries(t); after != before {
		t.Errorf("the directory had %s and has %s", before, after)
	}
}

func TestWarningsGoToStderr(t *testing.T) {
	inTemp(t, nil)
	r := sluiceEnv(t, "{}\n", []string{"SLUICE_BUGDET=1", noControl, "SLUICE_SINK=stdout://"}, "run")
	if want := "sluice: warning: environment: SLUICE_BUGDET is unknown"; r.code != exitDone || !strings.Contains(r.stderr, want) {
		t.Errorf("exit %d, no %q", r.code, want)
	}
}
