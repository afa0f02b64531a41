package api

import (
	"fmt"
	"testing"
	"time"

	"sluice/pipeline"
)

func TestRetryAfterIsWhenTheRefusedLinesMayPass(t *testing.T) {
	limited := &pipeline.RateError{Message: "beyond the limit", Wait: 300 * time.Millisecond, Each: 100 * time.Millisecond, Most: 50}
	for refused, want := range map[int]int{0: 1, 1: 1, 8: 1, 9: 2, 50: 6, 5000: 6} {
		p := postProblem(fmt.Errorf("line 3: %w", limited), refused)
		if p.Status != 429 || p.Code != "rate_limited" || p.RetryAfter != want || p.answer().retryAfter != want {
			t.Errorf("%d refused: %+v, want 429 rate_limited and %d s", refused, p, want)
		}
	}
}
