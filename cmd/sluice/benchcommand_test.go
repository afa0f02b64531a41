package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"sluice/cmd/sluice/internal/bench"
	"sluice/pipeline"
)

// benchmark runs sluice bench with --json and returns what it found.
func benchmark(t *testing.T, args ...string) (bench.Report, result) {
	t.Helper()
	r := sluice(t, "", append([]string{"bench", "--json"}, args...)...)
	var report bench.Report
	if err := json.Unmarshal([]byte(r.stdout), &report); err != nil {
		t.Fatal(err)
	}
	if !report.Closes() || report.InFlight != 0 {
		t.Errorf("the ledger does not close: %+v", report.Counts)
	}
	return report, r
}

const benchConfig = `
source:   {lane: {field: level, map: {fatal: critical, debug: low}}}
validate: {schema: event.schema.json}
enrich:   {steps: [{compute: {slow: "duration_ms > 500"}}]}
persist:  {sink: "sqlite://events.db", table: events, columns: {id: {type: text, key: true}, level: text, slow: boolean}, rest: data}
dead_letters: dead.ndjson
`

const benchSchema = `{"type": "object", "required": ["id", "level"], "properties": {"level": {"enum": ["debug", "fatal"]}}}`

func TestBenchWritesNowhereUnlessTold(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": benchConfig, "event.schema.json": benchSchema})
	for _, sink := range [][]string{nil, {"--sink", "null"}, {"--sink", "null://"}} {
		report, r := benchmark(t, append([]string{"--records", "2000"}, sink...)...)
		if r.code != exitDone || report.Persisted != 2000 || report.Sink != "null://" || report.Config != "sluice.yaml" {
			t.Errorf("exit %d with %+v", r.code, report)
		}
	}
	entries, err := os.ReadDir(".")
	if err != nil || len(entries) != 2 {
		t.Errorf("found %v beside the two files there were, %v", entries, err)
	}
}

func TestBenchIntoASink(t *testing.T) {
	t.Run("the configuration's own", func(t *testing.T) {
		inTemp(t, map[string]string{"sluice.yaml": benchConfig, "event.schema.json": benchSchema})
		report, _ := benchmark(t, "--sink", "config", "--records", "2000")
		if report.Persisted != 2000 || report.Lanes[0].Persisted != 20 {
			t.Errorf("%+v", report.Counts)
		}
		expectRows(t, "events.db", "select level, count(*), count(distinct id), min(slow) from events group by level", "debug|1980|1980|0", "fatal|20|20|0")
	})
	t.Run("another, with dead letters beside the rows", func(t *testing.T) {
		inTemp(t, map[string]string{"sluice.yaml": benchConfig, "event.schema.json": benchSchema})
		report, r := benchmark(t, "--sink", "sqlite://other.db", "--records", "300", "--mix", "normal=1")
		if report.Dead != 300 || report.DeadByCode[pipeline.CodeSchema] != 300 {
			t.Errorf("%+v %v, want dead letters: the schema knows no level of the lane", report.Counts, report.DeadByCode)
		}
		if !strings.Contains(r.stderr, "300 of 300 records became dead letters (schema)") || !strings.Contains(r.stderr, "--sample FILE") {
			t.Errorf("nothing is said of it: %s", r.stderr)
		}
		expectRows(t, "other.db", "select count(*) from dead_letters", "300")
		if _, err := os.Stat("dead.ndjson"); err == nil {
			t.Error("the configuration's dead letters were written")
		}
	})
}

func TestBenchOverARate(t *testing.T) {
	inTemp(t, nil)
	report, _ := benchmark(t, "--rate", "normal=2000", "--duration", "100ms", "--slow-stage", "enrich=1ms")
	lane := report.Lanes[0]
	if lane.Offered > 200 || lane.Accepted > lane.Offered || lane.Latency.Count != lane.Persisted || lane.Latency.Since != "due" || lane.Latency.P50 < 1 {
		t.Errorf("%+v, want at most 200 records that each took a millisecond or more", lane)
	}
	if len(report.Stages) != 3 || report.Stages[1].Name != "enrich" || len(report.Stages[1].Lanes) != 1 {
		t.Errorf("the stages are %+v", report.Stages)
	}
}

func TestBenchASampleThroughStdin(t *testing.T) {
	inTemp(t, map[string]string{"own.ndjson": numbered(10)})
	report, _ := benchmark(t, "--sample", "own.ndjson", "--lane-field", "level", "--through", "stdin", "--mix", "high=1", "--records", "1000", "--sink", "sqlite://out.db")
	if report.Through != "stdin" || report.Lanes[0].Lane != pipeline.LaneHigh || report.Persisted != 1000 || report.Lanes[0].Latency.Count != 1000 {
		t.Errorf("%+v", report)
	}
	expectRows(t, "out.db", "select count(*), count(distinct data), min(lane) from records", "1000|2|high")
}

func TestBenchIsStopped(t *testing.T) {
	inTemp(t, nil)
	ctx, cancel := context.WithTimeoutCause(t.Context(), 200*time.Millisecond, pipeline.ErrStopped)
	defer cancel()
	var stdout, stderr bytes.Buffer
	err := run(ctx, strings.Fields("bench --rate 1000 --duration 1h"), strings.NewReader(""), &stdout, &stderr, []string{noControl})
	if exitCode(err) != exitStopped || !strings.Contains(stdout.String(), "critical") {
		t.Errorf("exit %d with %v, want 5 and the figures:\n%s%s", exitCode(err), err, stdout.String(), stderr.String())
	}
}

func TestBenchGivesTheDrainItsTime(t *testing.T) {
	inTemp(t, nil)
	report, r := benchmark(t, "--rate", "low=500", "--duration", "100ms", "--slow-stage", "enrich=1h", "--drain-timeout", "50ms")
	if r.code != exitLeft || report.Left == 0 || report.Left != report.Accepted || !strings.Contains(report.Error, "within 50ms of the last record") {
		t.Errorf("exit %d with %+v, want 3 and every record left", r.code, report.Counts)
	}
}

func TestBenchUsage(t *testing.T) {
	inTemp(t, map[string]string{"a.ndjson": "{}\n", "dir/b.ndjson": "{}\n", "bad.yaml": "persist: {tabel: x}\n"})
	for name, tt := range map[string]struct{ args, want string }{
		"a file":                            {"a.ndjson", "--sample a.ndjson sends the lines of a file"},
		"a flag with a slip":                {"--rats 5", "unknown flag --rats; did you mean --rate?"},
		"rows on stdout":                    {"--sink stdout://", "--sink stdout://: the figures go to stdout"},
		"a sink that is none":               {"--sink nil", `"nil" is not the URL of a sink`},
		"a stage that is none":              {"--slow-stage enrihc=5ms", "--slow-stage: there is no stage enrihc"},
		"a sample that is the sink's file":  {"--sample a.ndjson --sink ndjson://a.ndjson", "a.ndjson is both the sample and"},
		"a configuration with a mistake":    {"-c bad.yaml", "tabel"},
		"two mistakes, the first":           {"--rate x --slow-stage no=1s", `--rate: "x"`},
		"two mistakes, the second":          {"--rate x --slow-stage no=1s", "there is no stage no"},
		"a duration that is a plain number": {"--duration 5", "--duration"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sluice(t, "", append([]string{"bench"}, strings.Fields(tt.args)...)...)
			if r.code != exitUsage || !strings.Contains(r.err.Error(), tt.want) || r.stdout != "" {
				t.Errorf("exit %d with %v, want 2 with %s", r.code, r.err, tt.want)
			}
		})
	}
}
