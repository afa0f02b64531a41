package main

import (
	"fmt"

	"sluice/pipeline"
)

// rateLimits says which rate limits there are at the intake, a line each.
func rateLimits(cfg pipeline.Config) (lines []string) {
	add := func(of string, r pipeline.RateConfig) {
		if r.Set() {
			lines = append(lines, of+": "+rateLimit(r))
		}
	}
	add("all lanes", cfg.Rate)
	for l, r := range cfg.LaneRates {
		add(pipeline.Lane(l).String(), r)
	}
	if lines == nil {
		lines = append(lines, "none")
	}
	return lines
}

// rateLimit says what a limit comes to.
func rateLimit(r pipeline.RateConfig) string {
	r = r.WithDefaults()
	text := fmt.Sprintf("%s, %s", r, r.Kind)
	if r.Kind == pipeline.RateTokenBucket {
		text += fmt.Sprintf(" with bursts of %d", r.Burst)
	}
	text += fmt.Sprintf("; over: %s", r.Over)
	if r.Over == pipeline.RateOverDrop {
		text += fmt.Sprintf(", dropped: %s", r.Dropped)
	}
	return text
}
