package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/klauspost/compress/zstd"

	"sluice/control"
	"sluice/pipeline"
)

// table is a configuration whose rows can be counted by their number.
const table = "source: {lane: {field: level}}\npersist: {sink: sqlite://out.db, table: t, columns: {n: integer, level: text}}\n"

func TestServeTakesRecordsIsSteeredAndEndsWithASignal(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": table})
	s := serve(t, nil, nil, "serve")
	all := lines(numbered(4000))
	part := func(i int) string { return strings.Join(all[i*1000:(i+1)*1000], "") }

	if p := s.post("", part(0)+"not json\n"); p.Code != http.StatusOK || p.Persisted != 1000 || p.Dead != 1 || p.Errors[0].Line != 1001 {
		t.Errorf("a plain body: %+v", p)
	}
	if p := s.post("", gzipped(t, part(1)), "Content-Encoding", "gzip"); p.Code != http.StatusOK || p.Persisted != 1000 {
		t.Errorf("a gzip body: %+v", p)
	}
	if p := s.post("?lane=critical", zstandard(t, part(2)), "Content-Encoding", "zstd"); p.Code != http.StatusOK || p.Persisted != 1000 {
		t.Errorf("a zstd body: %+v", p)
	}
	if got := s.command("POST", "/v1/pause", ""); got.State != pipeline.StatePaused {
		t.Errorf("pause: %s", got.State)
	}
	if p := s.post("?timeout=0", part(3)); p.Code != http.StatusServiceUnavailable || p.Why != "paused" || p.Accepted != 0 {
		t.Errorf("a post while paused: %+v", p)
	}
	if got := s.command("POST", "/v1/resume", ""); got.State != pipeline.StateRunning {
		t.Errorf("resume: %s", got.State)
	}
	if got := s.command("PATCH", "/v1/stages/enrich", `{"workers": 5}`); got.Stages[1].Workers != 5 {
		t.Errorf("resize: %d workers", got.Stages[1].Workers)
	}
	stopped := s.command("POST", "/v1/stop", "")
	if stopped.State != pipeline.StateStopped || !stopped.Ledger.Closes() || stopped.Ledger.Accepted != 3001 || stopped.Ledger.Persisted != 3000 || stopped.Ledger.InFlight != 0 {
		t.Errorf("stop: %s, %+v", stopped.State, stopped.Ledger)
	}
	if p := s.post("", part(3)); p.Code != http.StatusServiceUnavailable || p.Why != "no_run" || p.Accepted != 0 {
		t.Errorf("a post without a run: %+v", p)
	}
	if started := s.command("POST", "/v1/start", ""); started.Runs != 2 || started.Ledger.Accepted != 0 {
		t.Errorf("start: run %d, %+v", started.Runs, started.Ledger)
	}
	if p := s.post("?ack=accepted", part(3)); p.Code != http.StatusOK || p.Durable == nil || *p.Durable {
		t.Errorf("ack=accepted: %+v", p)
	}
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d, want 0", got)
	}
	expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n), min(n), max(n) FROM t", "4000|4000|0|3999")
	expectRows(t, "out.db", "SELECT source, code FROM dead_letters", "http|not_json")
	for _, want := range []string{"post records to http://127.0.0.1:", "steer it with: sluice ctl status", "rows go to table t in out.db",
		"run 1 has ended\naccepted   3,001", "reading no more; finishing", "run 2 has ended\naccepted   1,000", "bottleneck "} {
		if !strings.Contains(s.stderr(), want) {
			t.Errorf("stderr has no %q:\n%s", want, s.stderr())
		}
	}
}

func zstandard(t *testing.T, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return string(w.EncodeAll([]byte(text), nil))
}

func TestMetricsAreScrapedFromTheSamePort(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": table})
	s := serve(t, nil, nil, "serve")
	for _, n := range []int{500, 300} {
		if p := s.post("?lane=high", numbered(n)); p.Persisted != int64(n) {
			t.Errorf("a post right after a start: %+v", p)
		}
		s.command("POST", "/v1/stop", "")
		if _, page := s.send("GET", "/metrics", ""); !strings.Contains(string(page), `state="stopped"} 1`) || strings.Contains(string(page), "sluice_queue_depth{") {
			t.Errorf("without a run the page is\n%s", page)
		}
		s.command("POST", "/v1/start", "")
	}
	code, page := s.send("GET", "/metrics", "")
	for _, want := range []string{
		`sluice_stage_records_total{sluice_lane="high",sluice_outcome="ok",sluice_stage="persist"} 800`,
		`sluice_queue_capacity{sluice_lane="low",sluice_stage="enrich"} 4096`,
		`sluice_pipeline_state{sluice_state="running"} 1`,
		`sluice_record_latency_seconds_count{sluice_lane="high"}`,
	} {
		if code != http.StatusOK || !strings.Contains(string(page), want) {
			t.Errorf("answer %d has no %s:\n%s", code, want, page)
		}
	}
	s.end(syscall.SIGTERM)
}

func TestServeGoesOnWhenFilesAndStdinHaveEnded(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": table, "in.ndjson": numbered(100)})
	s := serve(t, strings.NewReader(`{"n":100,"level":"low"}`), nil, "serve", "--stdin", "in.ndjson")
	s.until(func(s control.Status) bool { return s.Ledger.Persisted == 101 })
	if p := s.post("", `{"n":101,"level":"low"}`); p.Persisted != 1 {
		t.Errorf("a post behind them: %+v", p)
	}
	// The next run opens the file anew and finds it done.
	s.command("POST", "/v1/stop", "")
	if err := os.WriteFile("in.ndjson", []byte(numbered(100)+`{"n":102,"level":"low"}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	s.command("POST", "/v1/start", "")
	s.until(func(s control.Status) bool { return s.Ledger.Persisted == 1 })
	if got := s.end(syscall.SIGINT); got != exitDone {
		t.Errorf("exit %d", got)
	}
	expectRows(t, "out.db", "SELECT count(*), count(DISTINCT n) FROM t", "103|103")
}

func TestAnInputThatBreaksOffLeavesTheOthersAloneAndExits3(t *testing.T) {
	whole := gzipped(t, numbered(20_000))
	inTemp(t, map[string]string{"sluice.yaml": table, "torn.gz": whole[:len(whole)/2]})
	s := serve(t, nil, nil, "serve", "torn.gz")
	if p := s.post("", `{"n":-1}`); p.Persisted != 1 {
		t.Errorf("a post beside it: %+v", p)
	}
	s.until(func(control.Status) bool { return strings.Contains(s.stderr(), "source_truncated") })
	if p := s.post("", `{"n":-2}`); p.Persisted != 1 {
		t.Errorf("a post behind it: %+v", p)
	}
	if got := s.end(syscall.SIGTERM); got != exitLeft {
		t.Errorf("exit %d, want 3", got)
	}
	if !strings.Contains(s.stderr(), "run 1 has ended") || strings.Contains(s.stderr(), "has failed") {
		t.Errorf("the run did not go on:\n%s", s.stderr())
	}
}

func TestARunThatFailsLeavesServeThereToStartAgain(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": table})
	s := serve(t, nil, nil, "serve")
	s.command("POST", "/v1/stop", "")
	if err := os.Rename("out.db", "kept.db"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("out.db", 0o755); err != nil {
		t.Fatal(err)
	}
	if code, text := s.send("POST", "/v1/start", ""); code != http.StatusConflict || !strings.Contains(string(text), "out.db") {
		t.Errorf("start without a sink answers %d: %s", code, text)
	}
	if got := s.status(); got.State != pipeline.StateFailed || !strings.Contains(got.LastError, "out.db") {
		t.Errorf("the status is %s, %q", got.State, got.LastError)
	}
	if r := s.ctl(t, "status"); r.code != exitDone || !strings.Contains(r.stdout, "last error") {
		t.Errorf("ctl status exits with %d", r.code)
	}
	if err := os.Remove("out.db"); err != nil {
		t.Fatal(err)
	}
	if got := s.command("POST", "/v1/start", ""); got.State != pipeline.StateRunning || got.LastError != "" {
		t.Errorf("the status is %s, %q", got.State, got.LastError)
	}
	if p := s.post("", numbered(10)); p.Persisted != 10 {
		t.Errorf("a post then: %+v", p)
	}
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d\n%s", got, s.stderr())
	}
}

func TestASecondSignalEndsAServeThatCannotDrain(t *testing.T) {
	inTemp(t, nil)
	inR, inW := pipe(t)
	outR, outW := pipe(t)
	errR, errW := pipe(t)
	cmd := start(t, inR, outW, errW, "serve", "--stdin", "--sink", "stdout://")
	inR.Close()
	outW.Close()
	errW.Close()
	go endless(inW)
	if _, err := outR.Read(make([]byte, 1)); err != nil { // it is under way, and nobody reads any more
		t.Fatal(err)
	}
	text := signalTwice(t, cmd, errR, syscall.SIGTERM, syscall.SIGTERM)
	if got := code(t, cmd); got != exitLeft {
		t.Errorf("exit %d, want 3\n%s", got, text)
	}
	if !strings.Contains(text, "serving without a control API") || !strings.Contains(text, "again: ending at once") {
		t.Errorf("stderr is %s", text)
	}
}

func TestServeRefusesToStart(t *testing.T) {
	inTemp(t, map[string]string{"a.ndjson": "{}\n", "empty": " \n", "spaced": "two words\n"})
	taken := listenSomewhere(t)
	for name, tt := range map[string]struct {
		environ string
		args    string
		code    int
		want    string
	}{
		"beyond loopback without a token":  {"", "--listen :7420", 2, "SLUICE_TOKEN"},
		"all addresses without a token":    {"SLUICE_LISTEN=0.0.0.0:7420", "", 2, "can be reached from other machines"},
		"an address that is none":          {"", "--listen nowhere", 2, `"nowhere"; expected host:port such as 127.0.0.1:7420, or off`},
		"an address that is taken":         {"", "--listen " + taken, 1, "another process listens there"},
		"a token with a line end":          {"SLUICE_TOKEN=a\nb", "", 2, "SLUICE_TOKEN"},
		"a token file that is not there":   {"", "--token-file none", 2, "--token-file: control.token_file: cannot read none"},
		"a token file with nothing in it":  {"", "--token-file empty", 2, "empty is empty; expected a token in it"},
		"a token that no header carries":   {"", "--token-file spaced", 2, "printable ASCII"},
		"a token as a flag":                {"", "--token hunter2", 2, "unknown flag --token"},
		"stdin as a file":                  {"", "-", 2, "--stdin"},
		"a file that is not there":         {"", "none.ndjson", 2, "no such file"},
		"a pipe as a file":                 {"", "/dev/null", 2, "is no regular file"},
		"a sink that cannot be opened":     {"", "--listen off --sink sqlite://no/such/dir.db", 1, "no/such"},
		"a mistake in the configuration":   {"", "--budget 1", 2, "--budget"},
		"an exporter that nobody knows of": {"", "", 2, "OTEL_METRICS_EXPORTER"},
	} {
		t.Run(name, func(t *testing.T) {
			if strings.Contains(tt.want, "OTEL_") {
				t.Setenv("OTEL_METRICS_EXPORTER", "pigeon")
				tt.args = "--listen 127.0.0.1:0"
			}
			r := sluiceEnv(t, "", []string{tt.environ}, append([]string{"serve"}, strings.Fields(tt.args)...)...)
			if r.code != tt.code || !strings.Contains(r.err.Error(), tt.want) {
				t.Errorf("exit %d with %v, want %d with %s", r.code, r.err, tt.code, tt.want)
			}
			if strings.Contains(fmt.Sprint(r), "two words") || strings.Contains(r.err.Error(), "hunter2") {
				t.Error("the token is shown")
			}
		})
	}
}

func TestATokenIsAskedForAndGiven(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": "control: {token_file: token}\n", "token": "hush-hush\n"})
	s := serve(t, nil, nil, "serve")
	for path, want := range map[string]int{"/livez": 200, "/v1/status": 401, "/metrics": 401} {
		if code, _ := s.send("GET", path, ""); code != want {
			t.Errorf("%s answers %d without a token, want %d", path, code, want)
		}
	}
	if code, _ := s.send("GET", "/v1/status", "", "Authorization", "Bearer hush-hush"); code != http.StatusOK {
		t.Errorf("with the token it answers %d", code)
	}
	if r := s.ctl(t, "status"); r.code != exitFailed || !strings.Contains(r.err.Error(), "SLUICE_TOKEN or --token-file") {
		t.Errorf("ctl without a token exits with %d: %v", r.code, r.err)
	}
	if r := s.ctl(t, "status", "--token-file", "token"); r.code != exitDone {
		t.Errorf("ctl with the token exits with %d: %v", r.code, r.err)
	}
	s.end(syscall.SIGTERM)
	if strings.Contains(s.stderr(), "hush") {
		t.Errorf("the token is shown:\n%s", s.stderr())
	}
}
