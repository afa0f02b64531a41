package client

import (
	"fmt"
	"time"

	"sluice/cmd/sluice/internal/summary"
	"sluice/control"
)

// waiting says, one line each, which stages, lanes and sink wait because
// something they call fails.
func waiting(s control.Status, now time.Time) (lines []string) {
	for _, stage := range s.Stages {
		switch stage.Breaker {
		case "open":
			lines = append(lines, fmt.Sprintf("%s: the breaker is open, probe in %s: %s", stage.Name, elapsed(stage.ProbeInS), stage.LastError))
		case "half-open":
			lines = append(lines, fmt.Sprintf("%s: the breaker is half-open, a probe is under way: %s", stage.Name, stage.LastError))
		default:
			lines = append(lines, backingOff(stage)...)
		}
	}
	if since := s.Sink.WaitingSince; since != nil && s.Sink.NextTry != nil {
		lines = append(lines, fmt.Sprintf("sink: failing for %s, next try in %s: %s",
			ago(now, *since), summary.Elapsed(max(0, s.Sink.NextTry.Sub(now))), s.Sink.LastError))
	}
	return lines
}

func backingOff(stage control.Stage) (lines []string) {
	for _, lane := range stage.Lanes {
		if lane.Retrying > 0 {
			lines = append(lines, fmt.Sprintf("%s: lane %s tries again in %s: %s", stage.Name, lane.Lane, elapsed(lane.RetryInS), stage.LastError))
		}
	}
	return lines
}

func elapsed(seconds float64) string {
	return summary.Elapsed(time.Duration(seconds * float64(time.Second)))
}
