package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"sluice/control"
	"sluice/pipeline"
)

// standIn answers like a sluice, and keeps what it was asked.
type standIn struct {
	*httptest.Server
	asked  []string // method, URL and body
	tokens []string
}

// newStandIn answers every request with the code and the body.
func newStandIn(t *testing.T, code int, body string) *standIn {
	t.Helper()
	s := &standIn{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var change any
		_ = json.NewDecoder(r.Body).Decode(&change) // most have no body
		s.asked = append(s.asked, strings.TrimSuffix(fmt.Sprintf("%s %s %v", r.Method, r.URL, change), " <nil>"))
		s.tokens = append(s.tokens, r.Header.Get("Authorization"))
		if code >= 300 {
			w.Header().Set("Content-Type", "application/problem+json")
		}
		w.WriteHeader(code)
		fmt.Fprint(w, body)
	}))
	t.Cleanup(s.Close)
	return s
}

// aStatus is the JSON of a status.
func aStatus(t *testing.T, change func(*control.Status)) string {
	t.Helper()
	s := control.Status{
		State: pipeline.StateRunning, Since: time.Now(), Runs: 3, Instance: "web-1-x", PID: 4242, Version: "v9",
		Ledger: pipeline.Counts{Accepted: 1200, Persisted: 1000, InFlight: 200},
	}
	change(&s)
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestCtlSendsEveryCommand(t *testing.T) {
	s := newStandIn(t, http.StatusOK, aStatus(t, func(*control.Status) {}))
	for args, want := range map[string]string{
		"start":                      "POST /v1/start",
		"start --no-wait":            "POST /v1/start?wait=false",
		"stop":                       "POST /v1/stop",
		"stop --now":                 "POST /v1/stop?mode=now",
		"stop --timeout 90s":         "POST /v1/stop?timeout=1m30s",
		"stop --no-wait":             "POST /v1/stop?wait=false",
		"pause":                      "POST /v1/pause",
		"pause persist":              "POST /v1/stages/persist/pause",
		"resume":                     "POST /v1/resume",
		"resume enrich":              "POST /v1/stages/enrich/resume",
		"resize enrich 8":            "PATCH /v1/stages/enrich map[workers:8]",
		"resize a/b?c 8":             "PATCH /v1/stages/a%2Fb%3Fc map[workers:8]",
		"lane enrich low capacity=5": "PATCH /v1/stages/enrich/lanes/low map[capacity:5]",
		"lane enrich low full=drop-oldest weight=3 dropped=dead-letter max_wait=2s": "PATCH /v1/stages/enrich/lanes/low map[dropped:dead-letter full:drop-oldest max_wait:2s weight:3]",
		"lane a/b high max_wait=0":    "PATCH /v1/stages/a%2Fb/lanes/high map[max_wait:0]",
		"status":                      "GET /v1/status",
		"status --json":               "GET /v1/status",
		"stop --timeout 5s --json":    "POST /v1/stop?timeout=5s",
		"stop --no-wait --timeout 1h": "POST /v1/stop?timeout=1h0m0s&wait=false",
	} {
		t.Run(args, func(t *testing.T) {
			s.asked = nil
			r := sluice(t, "", append([]string{"ctl", "--url", s.URL}, strings.Fields(args)...)...)
			if r.code != exitDone || strings.Join(s.asked, ", ") != want {
				t.Errorf("exit %d, asked %q, want %q", r.code, s.asked, want)
			}
			if who := "sluice v9 (instance web-1-x, pid 4242) at " + s.URL; !strings.Contains(r.stdout+r.stderr, who) {
				t.Errorf("it does not say whom it talked to: %s", who)
			}
			if strings.Contains(args, "--json") && !json.Valid([]byte(r.stdout)) {
				t.Errorf("stdout is no JSON: %s", r.stdout)
			}
		})
	}
}

func TestCtlFindsItsTarget(t *testing.T) {
	s := newStandIn(t, http.StatusOK, aStatus(t, func(*control.Status) {}))
	port := s.URL[strings.LastIndex(s.URL, ":"):]
	for name, tt := range map[string]struct{ listen, args, want string }{
		"by --url":                         {"127.0.0.1:1", "--url " + s.URL, s.URL},
		"by --url without a scheme":        {"", "--url 127.0.0.1" + port, s.URL},
		"by SLUICE_LISTEN":                 {"127.0.0.1" + port, "", s.URL},
		"by SLUICE_LISTEN of all machines": {port, "", s.URL},
		"by SLUICE_LISTEN of any IPv4":     {"0.0.0.0" + port, "", s.URL},
	} {
		t.Run(name, func(t *testing.T) {
			r := sluiceEnv(t, "", []string{"SLUICE_LISTEN=" + tt.listen}, append([]string{"ctl", "status"}, strings.Fields(tt.args)...)...)
			if r.code != exitDone || !strings.Contains(r.stdout, " at "+tt.want) {
				t.Errorf("exit %d, stdout %s", r.code, r.stdout)
			}
		})
	}
}

func TestCtlSendsItsToken(t *testing.T) {
	inTemp(t, map[string]string{"token": "from-a-file\n"})
	s := newStandIn(t, http.StatusOK, aStatus(t, func(*control.Status) {}))
	sluiceEnv(t, "", []string{"SLUICE_TOKEN=from-env"}, "ctl", "status", "--url", s.URL, "--token-file", "token")
	sluice(t, "", "ctl", "status", "--url", s.URL, "--token-file", "token")
	sluice(t, "", "ctl", "status", "--url", s.URL)
	if got := strings.Join(s.tokens, "|"); got != "Bearer from-env|Bearer from-a-file|" {
		t.Errorf("the tokens were %s", got)
	}
}

func TestCtlWhatComesBack(t *testing.T) {
	for name, tt := range map[string]struct {
		args string
		code int
		body string
		exit int
		want string
	}{
		"a refusal with its reason":       {"resize enrich 8", 409, `{"title":"Conflict","detail":"there is no run"}`, exitFailed, "answers 409: there is no run"},
		"a refusal without any":           {"pause", 502, "", exitFailed, "answers 502: Bad Gateway"},
		"no token":                        {"pause", 401, `{"detail":"a token is needed"}`, exitFailed, "a token is needed; give the token with SLUICE_TOKEN or --token-file"},
		"something that is no sluice":     {"status", 200, "<html>", exitFailed, "is no sluice: expected a status"},
		"JSON of something else":          {"status", 200, `{"ok":true}`, exitFailed, "is no sluice"},
		"a redirect":                      {"stop", 302, "", exitFailed, "answers 302"},
		"a stop that is under way":        {"stop", 202, aStatus(t, func(s *control.Status) { s.State = pipeline.StateDraining }), exitFailed, "still under way"},
		"a stop that left records":        {"stop", 200, aStatus(t, func(s *control.Status) { s.Ledger.Left = 7 }), exitLeft, "records left unfinished: 7"},
		"a stop of a run that has failed": {"stop", 200, aStatus(t, func(s *control.Status) { s.State, s.LastError = pipeline.StateFailed, "disk full" }), exitFailed, "the run has failed: disk full"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStandIn(t, tt.code, tt.body)
			r := sluice(t, "", append([]string{"ctl", "--url", s.URL}, strings.Fields(tt.args)...)...)
			if r.code != tt.exit || !strings.Contains(fmt.Sprint(r.err), tt.want) {
				t.Errorf("exit %d with %v, want %d with %s", r.code, r.err, tt.exit, tt.want)
			}
		})
	}
	s := newStandIn(t, 202, aStatus(t, func(s *control.Status) { s.State = pipeline.StateDraining }))
	if r := sluice(t, "", "ctl", "stop", "--no-wait", "--url", s.URL); r.code != exitDone || !strings.Contains(r.stdout, "stop: under way: draining; run 3: accepted 1,200") {
		t.Errorf("a stop that need not wait: exit %d", r.code)
	}
	s = newStandIn(t, 200, aStatus(t, func(s *control.Status) { s.Ledger.Left = 7 }))
	if r := sluice(t, "", "ctl", "stop", "--now", "--url", s.URL); r.code != exitDone || !strings.Contains(r.stdout, "left 7") {
		t.Errorf("a stop that was to leave records: exit %d", r.code)
	}
}

func TestCtlWithoutAnybodyThere(t *testing.T) {
	s := newStandIn(t, 200, "")
	s.Close()
	r := sluice(t, "", "ctl", "status", "--url", s.URL)
	for _, want := range []string{"no sluice answers at " + s.URL, "start one with: sluice serve", "--url or SLUICE_LISTEN"} {
		if r.code != exitFailed || !strings.Contains(r.err.Error(), want) {
			t.Errorf("exit %d, no %q in %v", r.code, want, r.err)
		}
	}
}

func TestCtlUsage(t *testing.T) {
	for name, tt := range map[string]struct{ args, want string }{
		"no command":                    {"", "there is no command"},
		"a command with a slip":         {"stauts", "did you mean ctl status?"},
		"a command that is none":        {"explode", "expected start, stop, pause, resume, resize, lane, status"},
		"a flag of another command":     {"pause --now", "--now is not for ctl pause"},
		"waiting for what does not":     {"status --no-wait", "--no-wait is not for ctl status"},
		"now, and a timeout":            {"stop --now --timeout 3s", "--now finishes nothing"},
		"a timeout of nothing":          {"stop --timeout 0s", "expected more than 0"},
		"one word too many":             {"stop enrich", `found "enrich" behind it`},
		"two stages":                    {"pause enrich persist", `found "persist" behind it`},
		"a resize without a number":     {"resize enrich", "a stage and a number of workers"},
		"a resize to nothing":           {"resize enrich 0", `found "0"; expected a number of workers, 1 to 1024`},
		"a lane without a change":       {"lane enrich low", "a stage, a lane and what is to change"},
		"a lane with a slip":            {"lane enrich lwo weight=2", `ctl lane: unknown lane "lwo"; did you mean low?`},
		"a lane that is none":           {"lane enrich urgent9 weight=2", `unknown lane "urgent9"; expected critical, high, normal, low`},
		"a key with a slip":             {"lane enrich low capcity=2", `unknown key "capcity"; did you mean capacity?`},
		"a key that is none":            {"lane enrich low reserve=2", `unknown key "reserve"; expected capacity, weight, full, dropped, max_wait`},
		"a word that is no change":      {"lane enrich low 100", `found "100"; expected a key and a value`},
		"a key twice":                   {"lane enrich low weight=1 weight=2", "weight is given twice"},
		"a full mode with a slip":       {"lane enrich low full=drop-olest", `full: "drop-olest"; did you mean drop-oldest?`},
		"a full mode that is none":      {"lane enrich low full=explode9", `full: "explode9"; expected wait, drop-write, drop-oldest, drop-newest`},
		"a capacity of nothing":         {"lane enrich low capacity=0", "capacity: 0; expected at least 1 record"},
		"a max_wait without unit":       {"lane enrich low max_wait=2", `max_wait: "2"; expected a duration with its unit`},
		"a URL that is none":            {"status --url ://", "--url: "},
		"a URL of something else":       {"status --url ftp://x", `found "ftp://x"; expected a URL such as http://127.0.0.1:7420`},
		"an environment without sluice": {"status", "SLUICE_LISTEN is off"},
		"a token file that is missing":  {"status --url x:1 --token-file none", "--token-file: cannot read none"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sluice(t, "", append([]string{"ctl"}, strings.Fields(tt.args)...)...)
			if r.code != exitUsage || !strings.Contains(r.err.Error(), tt.want) {
				t.Errorf("exit %d with %v, want 2 with %s", r.code, r.err, tt.want)
			}
		})
	}
}

func TestCtlLaneTellsAllMistakesAtOnce(t *testing.T) {
	r := sluice(t, "", "ctl", "lane", "enrich", "lo", "ful=wait", "capacity=many", "weight=0", "dropped=deadletter", "max_wait=-1s")
	for _, want := range []string{
		"there are 6 mistakes:", `unknown lane "lo"; did you mean low?`, `unknown key "ful"; did you mean full?`, `capacity: "many"; expected a whole number`,
		"weight: 0; expected 1 to 1000", `dropped: "deadletter"; did you mean dead-letter?`, "max_wait: -1s; expected a time that is not negative",
	} {
		if r.code != exitUsage || !strings.Contains(r.err.Error(), "\n  "+want) && !strings.Contains(r.err.Error(), "ctl lane: "+want) {
			t.Errorf("exit %d, no %q", r.code, want)
		}
	}
}

func TestCtlSteersARealServe(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": table})
	s := serve(t, nil, nil, "serve")
	s.post("", numbered(100))
	for _, step := range []struct{ args, want string }{
		{"status", "persisted    100\n"},
		{"status", "validate        2"},
		{"pause", "pause: paused; run 1: accepted 100, persisted 100"},
		{"status", "state        paused since "},
		{"resume", "resume: running; run 1"},
		{"pause enrich", "pause enrich: running"},
		{"status", "paused       enrich\n"},
		{"resume enrich", "resume enrich: running"},
		{"resize persist 5", "resize persist 5: running"},
		{"lane persist low full=drop-oldest capacity=100 max_wait=2s", "lane persist low full=drop-oldest capacity=100 max_wait=2s: running"},
		{"status", "low      0       100  drop-oldest"},
		{"stop --timeout 20s", "stop: stopped; run 1: accepted 100, persisted 100, dead 0, in flight 0"},
		{"start", "start: running; run 2: accepted 0"},
		{"stop --now", "stop: stopped; run 2"},
	} {
		r := s.ctl(t, strings.Fields(step.args)...)
		if r.code != exitDone || !strings.Contains(r.stdout, step.want) {
			t.Errorf("ctl %s: exit %d, no %q", step.args, r.code, step.want)
		}
		if !strings.Contains(r.stdout, fmt.Sprintf("pid %d) at %s", s.cmd.Process.Pid, s.url)) {
			t.Errorf("ctl %s does not say whom it talked to", step.args)
		}
	}
	var status control.Status
	if r := s.ctl(t, "status", "--json"); json.Unmarshal([]byte(r.stdout), &status) != nil || status.Runs != 2 || status.PID != s.cmd.Process.Pid {
		t.Errorf("the JSON is %+v", status)
	}
	if r := s.ctl(t, "resize", "nowhere", "3"); r.code != exitFailed || !strings.Contains(r.err.Error(), "no") {
		t.Errorf("a stage that is none: exit %d, %v", r.code, r.err)
	}
	s.end(syscall.SIGTERM)
}

func TestCtlStopEndsARunLikeASignal(t *testing.T) {
	inTemp(t, map[string]string{"sluice.yaml": table})
	inR, inW := pipe(t)
	s := serve(t, inR, nil, "run", "--report", "r.json")
	inR.Close()
	go endless(inW)
	s.until(func(s control.Status) bool { return s.Ledger.Persisted > 1000 })
	if p := s.post("", "{}"); p.Code != http.StatusServiceUnavailable || !strings.Contains(p.Why, "no_run") {
		t.Errorf("a post to a run: %+v", p)
	}
	if got := s.command("POST", "/v1/pause", ""); got.State != pipeline.StatePaused {
		t.Errorf("pause: %s", got.State)
	}
	r := s.ctl(t, "stop")
	if r.code != exitDone || !strings.Contains(r.stdout, "stop: stopped; run 1") {
		t.Errorf("ctl stop exits with %d", r.code)
	}
	if got := s.wait(); got != exitStopped {
		t.Errorf("exit %d, want 5\n%s", got, s.stderr())
	}
	report := readReport(t, "r.json")
	if report.Left != 0 || report.Persisted != report.Accepted || report.Bottleneck == "" || !strings.Contains(report.Error, pipeline.ErrStopped.Error()) {
		t.Errorf("the report says %+v", report)
	}
	expectRows(t, "out.db", "SELECT count(*) = max(n) + 1 FROM t", "1")
}

func TestCtlWatchPrintsUntilItIsInterrupted(t *testing.T) {
	s := newStandIn(t, http.StatusOK, aStatus(t, func(*control.Status) {}))
	outR, outW := pipe(t)
	cmd := start(t, nil, outW, os.Stderr, "ctl", "status", "--watch", "--interval", "1ms", "--json", "--url", s.URL)
	outW.Close()
	decoder := json.NewDecoder(outR)
	for range 3 {
		var status control.Status
		if err := decoder.Decode(&status); err != nil || status.Runs != 3 {
			t.Fatalf("%v, %+v", err, status)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if got := code(t, cmd); got != exitDone {
		t.Errorf("exit %d", got)
	}
}
