package config_test

import (
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
)

func TestWhatAStageDoesAboutFailures(t *testing.T) {
	for name, tt := range map[string]struct {
		file string
		want pipeline.StageConfig // of enrich
	}{
		"nothing is set": {"", pipeline.StageConfig{Retry: pipeline.RetryConfig{Jitter: pipeline.DefaultJitter}}},
		"everything is": {
			"enrich:\n  retry: {attempts: 8, backoff: 50ms, max_backoff: 2s, jitter: 0.5}\n  breaker: {failures: 5, of: 10, delay: 20s}\n  timeout: 3s\n  fallback: pass\n",
			pipeline.StageConfig{
				Retry:   pipeline.RetryConfig{Attempts: 8, Backoff: 50 * time.Millisecond, MaxBackoff: 2 * time.Second, Jitter: 0.5},
				Breaker: pipeline.BreakerConfig{Failures: 5, Of: 10, Delay: 20 * time.Second},
				Timeout: 3 * time.Second, Fallback: pipeline.FallbackPass,
			},
		},
		"no jitter, no limit and a breaker by time": {
			"enrich: {retry: {jitter: 0, attempts: 0, backoff: 1m}, breaker: {failures: 5, per: 10s}, timeout: 0s}\n",
			pipeline.StageConfig{
				Retry:   pipeline.RetryConfig{Backoff: time.Minute},
				Breaker: pipeline.BreakerConfig{Failures: 5, Per: 10 * time.Second},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := load(t, tt.file, nil)
			if err := l.Err(); err != nil {
				t.Fatal(err)
			}
			got := l.Pipeline().Stages[1]
			if got.Retry != tt.want.Retry || got.Breaker != tt.want.Breaker || got.Timeout != tt.want.Timeout || got.Fallback != tt.want.Fallback {
				t.Errorf("got %+v, %+v, %v and %q\nwant %+v", got.Retry, got.Breaker, got.Timeout, got.Fallback, tt.want)
			}
		})
	}
}

func TestMistakesAboutFailuresAndReserves(t *testing.T) {
	for file, want := range map[string]string{
		"enrich: {retry: {jitter: 1.5}}":                         `sluice.yaml:1:26: enrich.retry.jitter: "1.5"; expected a share from 0 to 1`,
		"enrich: {retry: {jitter: NaN}}":                         `enrich.retry.jitter: "NaN"; expected a share`,
		"enrich: {retry: {attempts: -1}}":                        "enrich.retry.attempts: -1; expected the number of calls",
		"enrich: {retry: {backoff: 0s}}":                         "enrich.retry.backoff: 0s; expected a time, such as 1s",
		"enrich: {retry: {backoff: 1us}}":                        "enrich.retry.backoff: 1µs; expected at least 1ms",
		"enrich: {retry: {backoff: 2s, max_backoff: 1s}}":        "enrich.retry.max_backoff: 1s; expected at least backoff, 2s",
		"enrich: {retry: 3}":                                     "enrich.retry: found 3; expected a mapping with attempts, backoff",
		"enrich: {breaker: {failures: 0}}":                       "enrich.breaker.failures: 0; expected at least 1",
		"enrich: {breaker: {of: 5}}":                             "enrich.breaker.failures: 0; expected at least 1",
		"enrich: {breaker: {failures: 5, of: 4}}":                "enrich.breaker.of: 4; expected at least failures, 5",
		"enrich: {breaker: {failures: 5, of: 9, per: 1s}}":       "enrich.breaker.of: 9 beside per, 1s; expected one of them",
		"enrich: {breaker: {failures: 5, delay: 0s}}":            "enrich.breaker.delay: 0s; expected a time",
		"enrich: {retry: {attempts: 3}, breaker: {failures: 5}}": "enrich.retry.attempts: 3; expected 0 or at least breaker.failures, 5",
		"enrich: {timeout: -1s}":                                 "enrich.timeout: -1s; expected a time, 0 for none",
		"enrich: {fallback: drop}":                               `enrich.fallback: "drop"; expected dead-letter, pass or stop`,
		"persist: {fallback: pass}":                              "persist.fallback: pass; expected dead-letter or stop",
		"persist: {lanes: {low: {reserve: 2}}}":                  "persist.workers: 2, of which the lanes reserve 2; expected more",
		"persist: {lanes: {low: {reserve: -1}}}":                 "sluice.yaml:1:34: persist.lanes.low.reserve: -1; expected a number of workers",
	} {
		t.Run(file, func(t *testing.T) {
			err := load(t, file+"\n", nil).Err()
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got:\n%v\nwant: %s", err, want)
			}
		})
	}
}
