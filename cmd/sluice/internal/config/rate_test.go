package config_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
)

func TestRateLimitsOfAFile(t *testing.T) {
	loaded := load(t, `
source:
  rate: {limit: 1000, per: 1m, kind: token-bucket, burst: 100, over: wait}
  lanes:
    low: {limit: 10, kind: sliding-window, over: drop, dropped: dead-letter}
    high: {limit: 5, kind: leaky-bucket, over: reject}
    normal:
`, nil)
	if err := loaded.Err(); err != nil {
		t.Fatal(err)
	}
	got := loaded.Pipeline()
	if want := (pipeline.RateConfig{Limit: 1000, Per: time.Minute, Kind: pipeline.RateTokenBucket, Burst: 100, Over: pipeline.RateOverWait}); got.Rate != want {
		t.Errorf("the common limit is %+v, want %+v", got.Rate, want)
	}
	want := [pipeline.LaneCount]pipeline.RateConfig{
		pipeline.LaneHigh: {Limit: 5, Kind: pipeline.RateLeakyBucket, Over: pipeline.RateOverReject},
		pipeline.LaneLow:  {Limit: 10, Kind: pipeline.RateSlidingWindow, Over: pipeline.RateOverDrop, Dropped: pipeline.DropToDeadLetter},
	}
	if got.LaneRates != want {
		t.Errorf("the lanes' limits are %+v, want %+v", got.LaneRates, want)
	}
}

func TestAFileWithoutRateLimitsSetsNone(t *testing.T) {
	loaded := load(t, "source: {rate: , lanes: {}}\n", nil)
	if got := loaded.Pipeline(); loaded.Err() != nil || got.Rate.Set() || got.LaneRates != ([pipeline.LaneCount]pipeline.RateConfig{}) {
		t.Errorf("%+v, %+v, %v", got.Rate, got.LaneRates, loaded.Err())
	}
}

func TestAllMistakesOfRateLimitsAreReportedAtOnce(t *testing.T) {
	const file = `source:
  rate: {limit: 0, per: 0s, kind: bucket, burst: 0, over: stop}
  lanes:
    low: {}
    lowest: {limit: 1}
    high: {limit: many, kind: sliding-window, burst: 3, dropped: dead-letter}
    critical: {limit: 1, rate: 3}
`
	problems, _ := errors.AsType[config.Problems](load(t, file, nil).Err())
	var got []string
	for _, p := range problems {
		got = append(got, p.Key+": "+p.Message)
	}
	want := []string{
		"source.rate.limit: 0, or not there; expected 1 to 1000000000 records",
		"source.rate.per: 0s; expected more than 0",
		`source.rate.kind: "bucket"; expected token-bucket, leaky-bucket or sliding-window`,
		"source.rate.burst: 0; expected at least 1 record",
		`source.rate.over: "stop"; expected wait, drop or reject`,
		"source.lanes.low.limit: 0, or not there; expected 1 to",
		"source.lanes.lowest: unknown key; expected critical, high, normal or low",
		`source.lanes.high.limit: found the text "many"; expected a whole number`,
		"source.lanes.high.burst: 3; a sliding-window has none",
		`source.lanes.high.dropped: "dead-letter", but nothing is dropped with over: wait`,
		"source.lanes.critical.rate: unknown key; ",
	}
	if len(got) != len(want) {
		t.Fatalf("%d mistakes, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("mistake %d is\n%s\nwant\n%s", i, got[i], want[i])
		}
	}
}
