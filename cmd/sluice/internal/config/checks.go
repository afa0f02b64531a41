package config

import (
	"time"

	"sluice/stages/validate"
	"sluice/stages/validate/dedupe"
	"sluice/stages/validate/rules"
)

// Checks are the checks of the stage validate beside the schema.
type Checks struct {
	DuplicateKeys  validate.DuplicateKeys `yaml:"duplicate_keys"`
	RequiredByLane map[string][]string    `yaml:"required_by_lane"`
	Rules          rules.List             `yaml:"rules"`
	MaxAge         *MaxAge                `yaml:"max_age"`
	Dedupe         *Dedupe                `yaml:"dedupe"`
}

// MaxAge bounds the age of records.
type MaxAge struct {
	Field  string    `yaml:"field"`
	Limit  *Duration `yaml:"limit"`  // nil for any age
	Future *Duration `yaml:"future"` // nil for any time ahead
}

// Dedupe says what makes a record a duplicate.
type Dedupe struct {
	Key         []string           `yaml:"key"`
	Count       *int               `yaml:"count"`  // nil for dedupe.DefaultCount
	Within      *Duration          `yaml:"within"` // nil for as long as there is room
	OnDuplicate dedupe.OnDuplicate `yaml:"on_duplicate"`
}

// Stage returns the configuration of the stage's code. maxDepth is the source's.
func (v Validation) Stage(maxDepth int) validate.Config {
	return validate.Config{
		Schema:        v.Schema,
		Schemas:       v.Schemas.config(),
		Options:       validate.Options{Format: v.Format, Remotes: v.Remotes},
		Errors:        v.Errors,
		MaxDepth:      maxDepth,
		DuplicateKeys: v.DuplicateKeys,
		Required:      v.RequiredByLane,
		Rules:         v.Rules,
		MaxAge:        v.MaxAge.config(),
		Dedupe:        v.Dedupe.config(),
	}
}

func (m *MaxAge) config() *rules.AgeConfig {
	if m == nil {
		return nil
	}
	return &rules.AgeConfig{Field: m.Field, Limit: (*time.Duration)(m.Limit), Future: (*time.Duration)(m.Future)}
}

// config passes on what was set; zeros, which the stage takes for "not set",
// are mistakes that zeros reports.
func (d *Dedupe) config() *dedupe.Config {
	if d == nil {
		return nil
	}
	c := &dedupe.Config{Key: d.Key, OnDuplicate: d.OnDuplicate}
	if d.Count != nil {
		c.Count = *d.Count
	}
	if d.Within != nil {
		c.Within = time.Duration(*d.Within)
	}
	return c
}

// CheckMemory is what the stage's window of keys takes, in bytes.
func (v Validation) CheckMemory() int64 {
	if c := v.Dedupe.config(); c != nil && c.Validate() == nil {
		return c.Bytes()
	}
	return 0
}
