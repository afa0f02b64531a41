package pipeline

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestRateConfigReportsEveryMistake(t *testing.T) {
	for name, c := range map[string]struct {
		rate RateConfig
		want []string // parts of the messages, in order
	}{
		"no limit is fine":                 {RateConfig{}, nil},
		"a limit alone is fine":            {RateConfig{Limit: 1000}, nil},
		"everything said is fine":          {RateConfig{10, time.Minute, RateTokenBucket, 5, RateOverDrop, DropToDeadLetter}, nil},
		"something without a limit":        {RateConfig{Per: time.Second}, []string{`limit: 0; expected 1 to`}},
		"a negative limit":                 {RateConfig{Limit: -1}, []string{`limit: -1; expected 1 to`}},
		"a negative per":                   {RateConfig{Limit: 1, Per: -1}, []string{`per: -1ns; expected more than 0`}},
		"a per of more than a day":         {RateConfig{Limit: 1, Per: 25 * time.Hour}, []string{`per: 25h0m0s; expected more than 0 and at most 24h`}},
		"an unknown kind":                  {RateConfig{Limit: 1, Kind: "bucket"}, []string{`kind: "bucket"; expected token-bucket, leaky-bucket or sliding-window`}},
		"an unknown over":                  {RateConfig{Limit: 1, Over: "stop"}, []string{`over: "stop"; expected wait, drop or reject`}},
		"a negative burst":                 {RateConfig{Limit: 1, Burst: -2}, []string{`burst: -2; expected 1 to`}},
		"a burst of a leaky bucket":        {RateConfig{Limit: 1, Kind: RateLeakyBucket, Burst: 2}, []string{`burst: 2; a leaky-bucket has none`}},
		"an unknown place for the dropped": {RateConfig{Limit: 1, Over: RateOverDrop, Dropped: "away"}, []string{`dropped: "away"; expected count or dead-letter`}},
		"a place for what is not dropped":  {RateConfig{Limit: 1, Dropped: DropToDeadLetter}, []string{`dropped: "dead-letter", but nothing is dropped with over: wait`}},
		"all at once": {RateConfig{Limit: -1, Per: -1, Kind: "a", Burst: -1, Over: "b", Dropped: "c"},
			[]string{"limit", "per", "kind", "over", "burst", "dropped"}},
	} {
		t.Run(name, func(t *testing.T) {
			for lane := range Lane(LaneCount + 1) {
				cfg := Config{Stages: []StageConfig{{Name: "s"}}, Sink: &memorySink{}}
				if lane == LaneCount {
					cfg.Rate = c.rate
				} else {
					cfg.LaneRates[lane] = c.rate
				}
				wantMistakes(t, cfg.Validate(), rateKey(lane)+".", c.want)
			}
		})
	}
}

// wantMistakes wants one mistake for each of want, its key below prefix.
func wantMistakes(t *testing.T, err error, prefix string, want []string) {
	t.Helper()
	var got []string
	if err != nil {
		got = strings.Split(err.Error(), "\n")
	}
	if len(got) != len(want) {
		t.Errorf("%d mistakes, want %d: %v", len(got), len(want), err)
		return
	}
	for i := range want {
		if !strings.HasPrefix(got[i], prefix+want[i]) {
			t.Errorf("%q, want %q", got[i], prefix+want[i])
		}
	}
	if _, ok := errors.AsType[*ConfigError](err); err != nil && !ok {
		t.Errorf("%T is no ConfigError", err)
	}
}

func TestARateLimitIsSaidAsAPersonSaysIt(t *testing.T) {
	for want, c := range map[string]RateConfig{
		"1000 records per 1s":   {Limit: 1000},
		"1 record per 1m":       {Limit: 1, Per: time.Minute},
		"5 records per 2h":      {Limit: 5, Per: 2 * time.Hour},
		"5 records per 1m30s":   {Limit: 5, Per: 90 * time.Second},
		"10 records per 100ms":  {Limit: 10, Per: 100 * time.Millisecond},
		"24 records per 10h30m": {Limit: 24, Per: 630 * time.Minute},
	} {
		if got := c.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
