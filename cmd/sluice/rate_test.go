package main

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"sluice/control"
)

// limits returns table with more under source.
func limits(source string) map[string]string {
	return map[string]string{
		"sluice.yaml": strings.Replace(table, "source: {", "source: {"+source+", ", 1),
		"in.ndjson":   numbered(1000),
	}
}

func TestRunDropsWhatIsBeyondARateLimit(t *testing.T) {
	inTemp(t, limits("rate: {limit: 1, per: 24h, burst: 100, over: drop}, lanes: {critical: {limit: 7, per: 24h, kind: sliding-window, over: drop, dropped: dead-letter}}"))
	r := sluice(t, "", "run", "in.ndjson", "--report", "report.json")
	report := readReport(t, "report.json")
	if r.code != exitDone || report.Accepted != 1000 || report.Persisted != 100 || report.Dead != 243 || report.Dropped != 657 {
		t.Errorf("exit %d, %+v; want 100 persisted, 243 of critical dead and the rest dropped", r.code, report.Counts)
	}
	expectRows(t, "out.db", "SELECT count(*), sum(level = 'critical') FROM t", "100|7")
	expectRows(t, "out.db", "SELECT stage, code, lane, count(*) FROM dead_letters GROUP BY 1, 2, 3", "ingest|dropped_rate|critical|243")
	again := sluice(t, "", "run", "in.ndjson")
	if again.code != exitDone || !strings.Contains(again.stderr, "in.ndjson: already done, 0 new") {
		t.Errorf("the second run exits with %d and says %s", again.code, again.stderr)
	}
}

func TestRunWaitsForARateLimit(t *testing.T) {
	inTemp(t, limits("rate: {limit: 2000, burst: 100}, lanes: {low: {limit: 1000, kind: leaky-bucket}}"))
	r := sluice(t, "", "run", "in.ndjson", "--report", "report.json")
	if report := readReport(t, "report.json"); r.code != exitDone || report.Persisted != 1000 || report.Bottleneck != "rate limit" {
		t.Errorf("exit %d, persisted %d, bottleneck %q", r.code, report.Persisted, report.Bottleneck)
	}
	if !strings.Contains(r.stderr, "bottleneck    rate limit: a limit under source held the input back") {
		t.Errorf("the summary does not name the limit:\n%s", r.stderr)
	}
	expectRows(t, "out.db", "SELECT count(DISTINCT n), max(n) FROM t", "1000|999")
}

func TestServeRefusesWhatIsBeyondARateLimit(t *testing.T) {
	inTemp(t, limits("rate: {limit: 10, per: 1h, burst: 50, over: reject}, lanes: {low: {limit: 5, per: 1h, over: drop}}"))
	s := serve(t, nil, nil, "serve")
	if p := s.post("?lane=low", numbered(8)); p.Code != http.StatusOK || p.Accepted != 8 || p.Persisted != 5 || p.Dropped != 3 {
		t.Errorf("low: %+v, want 5 persisted and 3 dropped", p)
	}
	p := s.post("?lane=high", numbered(60))
	if p.Code != http.StatusTooManyRequests || p.Why != "rate_limited" || p.Persisted != 45 || fmt.Sprint(p.Refused) != "[46 47 48 49 50 51 52 53 54 55 56 57 58 59 60]" {
		t.Errorf("high: %+v, want the last 15 lines refused", p)
	}
	response, err := http.Post(s.url+"/v1/records", "", strings.NewReader(numbered(1)))
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if after, _ := strconv.Atoi(response.Header.Get("Retry-After")); response.StatusCode != http.StatusTooManyRequests || after < 1 || after > 360 {
		t.Errorf("answer %d, Retry-After %q; want 429 and at most 360 s", response.StatusCode, response.Header.Get("Retry-After"))
	}
	status := s.status()
	low := status.Stages[0].Lanes[3]
	if status.Ledger.Accepted != 53 || status.Ledger.Dropped != 3 || low.DroppedBy["rate"] != 3 || status.Rate == nil || status.Rate.Lanes[1] != (control.RateLane{Lane: "high"}) {
		t.Errorf("status %+v, rate %+v, low %+v", status.Ledger, status.Rate, low)
	}
	if _, page := s.send("GET", "/metrics", ""); !strings.Contains(string(page), `sluice_stage_dropped_total{sluice_lane="low",sluice_reason="rate",sluice_stage="validate"} 3`) {
		t.Errorf("the metrics do not tell of 3 drops:\n%s", page)
	}
	s.end(syscall.SIGTERM)
}

func TestStatusShowsWhoARateLimitHolds(t *testing.T) {
	inTemp(t, limits("lanes: {low: {limit: 1, per: 1h, burst: 3}}"))
	s := serve(t, nil, nil, "serve", "in.ndjson")
	status := s.until(func(s control.Status) bool {
		return s.Rate.Lanes[3].Waiting == 1 && s.Rate.Lanes[3].HeldS > 0 && s.Ledger.InFlight == 0
	})
	if status.Ledger.Persisted != 753 {
		t.Errorf("persisted %d, want all but low, and 3 of low", status.Ledger.Persisted)
	}
	if p := s.post("?lane=critical", numbered(10)); p.Persisted != 10 {
		t.Errorf("critical beside the lane that waits: %+v", p)
	}
	if got := s.ctl(t, "status"); !strings.Contains(got.stdout, "rate limit   low held ") || !strings.Contains(got.stdout, ", 1 waiting") {
		t.Errorf("ctl status says\n%s", got.stdout)
	}
	if got := s.end(syscall.SIGTERM); got != exitDone {
		t.Errorf("exit %d: a file is read again from where the limit held it", got)
	}
}

func TestCheckSaysWhichRateLimitsThereAre(t *testing.T) {
	for source, want := range map[string]string{
		"max_depth: 128": "rate limits    none\n",
		"rate: {limit: 1000, burst: 100}, lanes: {low: {limit: 1, per: 1m, kind: leaky-bucket, over: drop, dropped: dead-letter}}": "rate limits    all lanes: 1000 records per 1s, token-bucket with bursts of 100; over: wait\n" +
			"               low: 1 record per 1m, leaky-bucket; over: drop, dropped: dead-letter\n",
	} {
		inTemp(t, limits(source))
		if r := sluice(t, "", "check"); r.code != exitDone || !strings.Contains(r.stdout, want) {
			t.Errorf("check of %s exits with %d; want\n%s", source, r.code, want)
		}
	}
}
