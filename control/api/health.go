package api

import (
	"fmt"
	"net/http"
	"time"

	"sluice/control"
	"sluice/pipeline"
)

// health is the answer of a probe that has nothing to complain of.
type health struct {
	Status string `json:"status"`
}

// livez says that the process answers; it asks nobody and needs no token.
func (s *server) livez(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, health{"alive"})
}

// readyz says whether records sent now go through without undue waiting.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	answer, err := s.cfg.Commander.Do(r.Context(), control.Query{})
	if err != nil {
		commandProblem(err).write(w)
		return
	}
	if reason := s.cfg.Ready.degraded(&answer.Status); reason != "" {
		problem(http.StatusServiceUnavailable, "not_ready", reason).write(w)
		return
	}
	writeJSON(w, http.StatusOK, health{"ready"})
}

// degraded says why the picture is not one of a run in good health, "" when it
// is.
func (l Ready) degraded(s *control.Status) string {
	switch {
	case s.State == pipeline.StateFailed:
		return "the run failed: " + s.LastError
	case s.State != pipeline.StateRunning:
		return fmt.Sprintf("the state is %s; ready means running", s.State)
	}
	for _, stage := range s.Stages {
		for _, lane := range stage.Lanes {
			if l.MaxDepth > 0 && lane.Depth > l.MaxDepth {
				return fmt.Sprintf("%d records wait in lane %s before %s; control.ready.max_depth is %d",
					lane.Depth, lane.Lane, stage.Name, l.MaxDepth)
			}
			if age := time.Duration(lane.OldestAgeS * float64(time.Second)); l.MaxAge > 0 && age > l.MaxAge {
				return fmt.Sprintf("the oldest record in lane %s before %s has waited %v; control.ready.max_age is %v",
					lane.Lane, stage.Name, age, l.MaxAge)
			}
		}
	}
	return ""
}
