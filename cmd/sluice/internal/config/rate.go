package config

import (
	"fmt"
	"time"

	"sluice/pipeline"
)

// Rate is a rate limit at the intake. A nil or empty field is not set and takes
// the engine's default.
type Rate struct {
	Limit   int               `yaml:"limit"` // records each Per
	Per     *Duration         `yaml:"per"`
	Kind    pipeline.RateKind `yaml:"kind"`
	Burst   *int              `yaml:"burst"` // records that a token bucket lets pass at once
	Over    pipeline.RateOver `yaml:"over"`
	Dropped pipeline.DropTo   `yaml:"dropped"`
}

// LaneRates are the limits of the four lanes; nil sets none.
type LaneRates struct {
	Critical *Rate `yaml:"critical"`
	High     *Rate `yaml:"high"`
	Normal   *Rate `yaml:"normal"`
	Low      *Rate `yaml:"low"`
}

// all returns the limits in the order of pipeline.Lane.
func (l LaneRates) all() [pipeline.LaneCount]*Rate {
	return [pipeline.LaneCount]*Rate{l.Critical, l.High, l.Normal, l.Low}
}

// config returns the limit as the engine takes it.
func (r *Rate) config() pipeline.RateConfig {
	if r == nil {
		return pipeline.RateConfig{}
	}
	return pipeline.RateConfig{
		Limit: r.Limit, Per: time.Duration(first(r.Per)), Kind: r.Kind,
		Burst: first(r.Burst), Over: r.Over, Dropped: r.Dropped,
	}
}

// rates returns the limits as the engine takes them.
func (s Source) rates() (common pipeline.RateConfig, lanes [pipeline.LaneCount]pipeline.RateConfig) {
	for i, r := range s.Lanes.all() {
		lanes[i] = r.config()
	}
	return s.Rate.config(), lanes
}

// rates reports what was set to zero, which the engine takes for "not set".
func (v *validator) rates(s Source) {
	v.rate("source.rate", s.Rate)
	for i, r := range s.Lanes.all() {
		v.rate(fmt.Sprintf("source.lanes.%s", pipeline.Lane(i)), r)
	}
}

func (v *validator) rate(key string, r *Rate) {
	if r == nil {
		return
	}
	if r.Limit == 0 {
		v.bad(key+".limit", "0, or not there; expected 1 to %d records", pipeline.MaxRateLimit)
	}
	if r.Per != nil && *r.Per == 0 {
		v.bad(key+".per", "0s; expected more than 0, such as 1s")
	}
	if r.Burst != nil && *r.Burst == 0 {
		v.bad(key+".burst", "0; expected at least 1 record")
	}
}
