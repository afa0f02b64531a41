package api

import (
	"fmt"
	"io"
	"net/http"
	"time"

	"sluice/control"
	"sluice/pipeline"
)

// setLane changes one lane of a stage. A lane that there is none of is like a
// stage that there is none of, because both are of the path.
func (s *server) setLane(w http.ResponseWriter, r *http.Request) {
	p := parameters(r)
	lane, err := pipeline.ParseLane(r.PathValue("lane"))
	if err != nil && p.bad == nil {
		p.bad = problem(http.StatusNotFound, "no_lane", fmt.Sprintf("set lane: %v", err))
		p.bad.Parameter = "lane"
	}
	change, bad := readLaneChange(r.Body)
	if p.bad == nil {
		p.bad = bad
	}
	s.command(w, r, p, control.SetLane{Stage: r.PathValue("stage"), Lane: lane, Change: change})
}

// readLaneChange reads the body of a change: an object with the keys of a lane
// that change and nothing else.
func readLaneChange(body io.Reader) (control.LaneChange, *Problem) {
	var given struct {
		Capacity *int               `json:"capacity"`
		Weight   *int               `json:"weight"`
		Full     *pipeline.FullMode `json:"full"`
		Dropped  *pipeline.DropTo   `json:"dropped"`
		MaxWait  *string            `json:"max_wait"`
	}
	err := readObject(body, &given)
	change := control.LaneChange{Capacity: given.Capacity, Weight: given.Weight, Full: given.Full, Dropped: given.Dropped}
	if err == nil && given.MaxWait != nil {
		change.MaxWait, err = maxWait(*given.MaxWait)
	}
	if err != nil {
		return change, badBody(err, `{"full": "drop-oldest", "capacity": 100, "max_wait": "2s"}`)
	}
	return change, nil
}

func maxWait(text string) (*time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return nil, fmt.Errorf("max_wait is %q, which is no duration with its unit, such as 2s, or 0", text)
	}
	return &d, nil
}
