package config

import (
	"fmt"
	"strconv"
	"time"

	"sluice/pipeline"
)

// Resilience is what a stage does about failures that pass. A nil or empty field
// is not set.
type Resilience struct {
	Retry    Retry             `yaml:"retry"`
	Breaker  Breaker           `yaml:"breaker"`
	Timeout  Duration          `yaml:"timeout"` // 0 for none
	Fallback pipeline.Fallback `yaml:"fallback"`
}

// Retry is how a stage is called again.
type Retry struct {
	Attempts   int       `yaml:"attempts"` // 0 for no limit
	Backoff    *Duration `yaml:"backoff"`
	MaxBackoff *Duration `yaml:"max_backoff"`
	Jitter     *Share    `yaml:"jitter"`
}

// Breaker is when a stage is left alone.
type Breaker struct {
	Failures *int      `yaml:"failures"`
	Of       *int      `yaml:"of"`
	Per      *Duration `yaml:"per"`
	Delay    *Duration `yaml:"delay"`
}

// Share is a part of the whole, 0 to 1.
type Share float64

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Share) UnmarshalText(text []byte) error {
	v, err := strconv.ParseFloat(string(text), 64)
	if err != nil || !(v >= 0 && v <= 1) {
		return fmt.Errorf("%q; expected a share from 0 to 1, such as 0.2", text)
	}
	*s = Share(v)
	return nil
}

// fill puts what is set into a stage's configuration.
func (r Resilience) fill(s *pipeline.StageConfig) {
	jitter := Share(pipeline.DefaultJitter)
	s.Retry = pipeline.RetryConfig{
		Attempts:   r.Retry.Attempts,
		Backoff:    time.Duration(first(r.Retry.Backoff)),
		MaxBackoff: time.Duration(first(r.Retry.MaxBackoff)),
		Jitter:     float64(first(r.Retry.Jitter, &jitter)),
	}
	s.Breaker = pipeline.BreakerConfig{
		Failures: first(r.Breaker.Failures),
		Of:       first(r.Breaker.Of),
		Per:      time.Duration(first(r.Breaker.Per)),
		Delay:    time.Duration(first(r.Breaker.Delay)),
	}
	s.Timeout, s.Fallback = time.Duration(r.Timeout), r.Fallback
}

// resilience reports what was set to zero, which the engine takes for "not set".
func (v *validator) resilience(stage string, r Resilience) {
	for _, d := range []struct {
		key   string
		value *Duration
	}{
		{"retry.backoff", r.Retry.Backoff}, {"retry.max_backoff", r.Retry.MaxBackoff},
		{"breaker.per", r.Breaker.Per}, {"breaker.delay", r.Breaker.Delay},
	} {
		if d.value != nil && *d.value == 0 {
			v.bad(stage+"."+d.key, "0s; expected a time, such as 1s")
		}
	}
	for _, n := range []struct {
		key   string
		value *int
	}{{"breaker.failures", r.Breaker.Failures}, {"breaker.of", r.Breaker.Of}} {
		if n.value != nil && *n.value == 0 {
			v.bad(stage+"."+n.key, "0; expected at least 1")
		}
	}
	if stage == StagePersist && r.Fallback == pipeline.FallbackPass {
		v.bad(stage+".fallback", "pass; expected dead-letter or stop: a record that could not be encoded has no row")
	}
}
