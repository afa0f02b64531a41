package config

import (
	"cmp"

	"sluice/pipeline"
)

// Schedule says which lane of a channel is next. The file has it as a mapping, or
// as its kind alone. An empty field is not set.
type Schedule struct {
	Kind     pipeline.Schedule `yaml:"kind"`
	AgeShare *int              `yaml:"age_share"` // picks, one of which may go to an overdue lane
}

// setShort implements shorthand.
func (s *Schedule) setShort(text string) { s.Kind = pipeline.Schedule(text) }

// over lays s over base, key by key.
func (s Schedule) over(base Schedule) (kind pipeline.Schedule, ageShare int) {
	return cmp.Or(s.Kind, base.Kind), first(s.AgeShare, base.AgeShare)
}
