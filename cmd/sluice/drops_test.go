package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"

	"sluice/control"
	"sluice/pipeline"
)

// lowOf returns the lane low before a stage.
func lowOf(s control.Status, stage int) control.Lane { return s.Stages[stage].Lanes[pipeline.LaneLow] }

const persistStage = 2 // its place among the stages

// postLater posts to the lane low and returns where the answer will be.
func (s *serving) postLater(body string) <-chan posted {
	answer := make(chan posted, 1)
	go func() {
		response, err := http.Post(s.url+"/v1/records?lane=low&timeout=1m", "", strings.NewReader(body))
		if err != nil {
			answer <- posted{Why: err.Error()}
			return
		}
		defer response.Body.Close()
		p := posted{Code: response.StatusCode}
		if err := json.NewDecoder(response.Body).Decode(&p); err != nil {
			p.Why = err.Error()
		}
		answer <- p
	}()
	return answer
}

// overfill pauses persist and posts ten records, one after another, to its lane
// low, which has room for four. It returns where the answers will be.
func (s *serving) overfill() (answers []<-chan posted) {
	s.t.Helper()
	s.command("POST", "/v1/stages/persist/pause", "")
	for i := range 10 {
		answers = append(answers, s.postLater(fmt.Sprintf(`{"n":%d}`, i)))
		s.until(func(s control.Status) bool { return lowOf(s, persistStage).In == int64(i+1) })
	}
	return answers
}

var fullModes = []struct {
	mode  pipeline.FullMode
	stays string // the numbers that are persisted
}{
	{pipeline.FullDropWrite, "0123"},
	{pipeline.FullDropOldest, "6789"},
	{pipeline.FullDropNewest, "0129"},
}

// expectSettled compares the answer to a post of one record.
func expectSettled(t *testing.T, n int, p posted, persisted, dropped, dead int64) {
	t.Helper()
	if p.Code != http.StatusOK || p.Accepted != 1 || p.Persisted != persisted || p.Dropped != dropped || p.Dead != dead {
		t.Errorf("record %d was answered with %+v, want persisted %d, dropped %d, dead %d", n, p, persisted, dropped, dead)
	}
}

func TestWhatAFullLaneDropsIsCountedToTheRecord(t *testing.T) {
	for _, tt := range fullModes {
		t.Run(string(tt.mode), func(t *testing.T) {
			inTemp(t, map[string]string{"sluice.yaml": fmt.Sprintf(
				"persist: {sink: sqlite://out.db, table: t, columns: {n: integer}, lanes: {low: {capacity: 4, full: %s}}}\n", tt.mode)})
			s := serve(t, nil, nil, "serve")
			answers := s.overfill()
			reason := strings.TrimPrefix(string(tt.mode), "drop-")
			for n, answer := range answers {
				if !strings.ContainsRune(tt.stays, rune('0'+n)) {
					expectSettled(t, n, <-answer, 0, 1, 0) // while persist is paused
				}
			}
			status := s.status()
			if low := lowOf(status, persistStage); low.Depth != 4 || low.Capacity != 4 || low.Full != tt.mode || low.Dropped != 6 || low.DroppedBy[reason] != 6 {
				t.Errorf("the lane is shown as %+v", low)
			}
			if want := (pipeline.Counts{Accepted: 10, Dropped: 6, InFlight: 4}); status.Ledger != want {
				t.Errorf("the ledger is %+v, want %+v", status.Ledger, want)
			}
			if r := s.ctl(t, "status"); !strings.Contains(r.stdout, "dropped") || !strings.Contains(r.stdout, string(tt.mode)) {
				t.Error("ctl status shows neither the mode nor the drops")
			}
			metric := fmt.Sprintf(`sluice_stage_dropped_total{sluice_lane="low",sluice_reason="%s",sluice_stage="persist"} 6`, reason)
			if _, page := s.send("GET", "/metrics", ""); !strings.Contains(string(page), metric+"\n") {
				t.Errorf("no %s in\n%s", metric, page)
			}
			s.command("POST", "/v1/stages/persist/resume", "")
			for _, n := range tt.stays {
				expectSettled(t, int(n-'0'), <-answers[n-'0'], 1, 0, 0)
			}
			if got := s.end(syscall.SIGTERM); got != exitDone {
				t.Errorf("exit %d\n%s", got, s.stderr())
			}
			expectRows(t, "out.db", "SELECT group_concat(n, '') FROM (SELECT n FROM t ORDER BY n)", tt.stays)
		})
	}
}

func TestWhatAFullLaneDropsCanBeDeadLetters(t *testing.T) {
	for _, tt := range fullModes {
		t.Run(string(tt.mode), func(t *testing.T) {
			inTemp(t, map[string]string{"sluice.yaml": fmt.Sprintf(
				"persist: {sink: sqlite://out.db, table: t, columns: {n: integer}, lanes: {low: {capacity: 4, full: %s, dropped: dead-letter}}}\n", tt.mode)})
			s := serve(t, nil, nil, "serve")
			answers := s.overfill()
			if low := lowOf(s.status(), persistStage); low.Depth != 4 || low.Dropped != 0 {
				t.Errorf("the lane is shown as %+v", low)
			}
			s.command("POST", "/v1/stages/persist/resume", "")
			code := strings.Replace(string(tt.mode), "drop-", "dropped_", 1)
			var want []string
			for n, answer := range answers {
				p := <-answer
				if strings.ContainsRune(tt.stays, rune('0'+n)) {
					expectSettled(t, n, p, 1, 0, 0)
					continue
				}
				expectSettled(t, n, p, 0, 0, 1)
				if len(p.Errors) != 1 || string(p.Errors[0].Code) != code {
					t.Errorf("record %d was answered with %+v, want the code %s", n, p.Errors, code)
				}
				want = append(want, fmt.Sprintf(`persist|%s|low|{"n":%d}`, code, n))
			}
			status := s.status()
			if want := (pipeline.Counts{Accepted: 10, Persisted: 4, Dead: 6}); status.Ledger != want {
				t.Errorf("the ledger is %+v, want %+v", status.Ledger, want)
			}
			if got := s.end(syscall.SIGTERM); got != exitDone {
				t.Errorf("exit %d\n%s", got, s.stderr())
			}
			expectRows(t, "out.db", "SELECT stage, code, lane, record FROM dead_letters ORDER BY record", want...)
			expectRows(t, "out.db", "SELECT group_concat(n, '') FROM (SELECT n FROM t ORDER BY n)", tt.stays)
		})
	}
}

func TestALaneThatHoldsASenderBackLetsItGoWhenItIsToldToDrop(t *testing.T) {
	const records = 5000
	inTemp(t, map[string]string{"sluice.yaml": "lanes: {low: {capacity: 100}}\npersist: {sink: sqlite://out.db, table: t, columns: {n: integer}}\n"})
	s := serve(t, nil, nil, "serve")
	s.command("POST", "/v1/stages/persist/pause", "")
	answer := s.postLater(numbered(records))
	held := s.until(func(s control.Status) bool {
		return lowOf(s, 0).Depth > 0 && lowOf(s, persistStage).Depth > 0
	})
	if held.Ledger.Dropped != 0 || held.Ledger.Accepted == records {
		t.Errorf("the ledger is %+v, want some held back and none dropped", held.Ledger)
	}
	if r := s.ctl(t, "lane", "persist", "low", "full=drop-oldest"); r.code != exitDone {
		t.Errorf("ctl lane exits with %d", r.code)
	}
	full := s.until(func(s control.Status) bool { return lowOf(s, persistStage).In == records })
	low := lowOf(full, persistStage)
	if low.Depth > 100 || low.Dropped != records-int64(low.Depth) || low.DroppedBy["oldest"] != low.Dropped {
		t.Errorf("the lane is shown as %+v", low)
	}
	s.command("POST", "/v1/stages/persist/resume", "")
	p := <-answer
	if p.Code != http.StatusOK || p.Accepted != records || p.Dropped != low.Dropped || p.Persisted != int64(low.Depth) {
		t.Errorf("the answer is %+v, want %d dropped and %d persisted", p, low.Dropped, low.Depth)
	}
	s.end(syscall.SIGTERM)
	expectRows(t, "out.db", "SELECT count(*), min(n), max(n) FROM t", fmt.Sprintf("%d|%d|%d", low.Depth, records-low.Depth, records-1))
}
