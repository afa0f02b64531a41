package config

import (
	"time"

	"sluice/pipeline"
	"sluice/stages/enrich"
	"sluice/stages/persist"
)

// The names of the stages, as keys of the file and of a run's status.
const (
	StageValidate = "validate"
	StageEnrich   = "enrich"
	StagePersist  = "persist"
)

// DefaultSink is where rows go unless the configuration says otherwise.
const DefaultSink = "sqlite://sluice.db"

// Config is everything that can be configured. The tags name the keys of the
// file.
type Config struct {
	Source       Source      `yaml:"source"`
	Validation   Validation  `yaml:"validate"`
	Enrichment   Enrichment  `yaml:"enrich"`
	Persistence  Persistence `yaml:"persist"`
	DeadLetters  string      `yaml:"dead_letters"`
	Lanes        Lanes       `yaml:"lanes"`
	Schedule     Schedule    `yaml:"schedule"`
	Budget       Size        `yaml:"budget"`
	DrainTimeout Duration    `yaml:"drain_timeout"`
	Control      Control     `yaml:"control"`
}

// Source is how lines become records.
type Source struct {
	Follow         []string  `yaml:"follow"` // files and patterns; none where the command line names files
	Lane           LaneRule  `yaml:"lane"`
	Rate           *Rate     `yaml:"rate"`  // for all records; nil for no limit
	Lanes          LaneRates `yaml:"lanes"` // limits for those of each lane, beside Rate
	MaxRecordBytes Size      `yaml:"max_record_bytes"`
	MaxDepth       int       `yaml:"max_depth"`
}

// Pool is what every stage has: its workers, the channel before them and what is
// done about failures.
type Pool struct {
	Workers  int      `yaml:"workers"`
	Lanes    Lanes    `yaml:"lanes"`
	Schedule Schedule `yaml:"schedule"` // what is not set is the top level's
	Resilience
}

// Validation is the stage validate.
type Validation struct {
	Pool
	Schema  string            `yaml:"schema"` // path of a JSON Schema, "" for none
	Schemas *Schemas          `yaml:"schemas"`
	Format  string            `yaml:"format"`
	Errors  string            `yaml:"errors"`
	Remotes map[string]string `yaml:"remotes"` // folders by the beginnings of web addresses
	Checks
}

// Enrichment is the stage enrich.
type Enrichment struct {
	Pool
	Steps []enrich.StepConfig `yaml:"steps"`
}

// Persistence is the stage persist with its sink.
type Persistence struct {
	Pool
	Sink        string           `yaml:"sink"`
	Table       string           `yaml:"table"`
	Columns     persist.Columns  `yaml:"columns"`
	Rest        string           `yaml:"rest"`
	Raw         string           `yaml:"raw"`
	OnConflict  persist.Conflict `yaml:"on_conflict"`
	Synchronous string           `yaml:"synchronous"`
}

// Default returns the configuration that holds where nothing else is said.
func Default() Config {
	pool := Pool{Workers: pipeline.DefaultWorkers}
	return Config{
		Source: Source{
			Lane:           LaneRule{Default: pipeline.LaneNormal},
			MaxRecordBytes: pipeline.DefaultMaxRecordBytes,
			MaxDepth:       pipeline.DefaultMaxDepth,
		},
		Validation:   Validation{Pool: pool},
		Enrichment:   Enrichment{Pool: pool},
		Persistence:  Persistence{Pool: pool, Sink: DefaultSink},
		Schedule:     Schedule{Kind: pipeline.ScheduleWeighted},
		Budget:       pipeline.DefaultBudget,
		DrainTimeout: Duration(pipeline.DefaultDrainTimeout),
	}
}

// LaneRule returns the rule that chooses a record's lane.
func (c Config) LaneRule() pipeline.LaneRule { return c.Source.Lane.rule() }

// Pipeline returns the engine's configuration, with the stages' names, pools
// and channels; their code and the sink are the caller's to fill in.
func (c Config) Pipeline() pipeline.Config {
	stages := make([]pipeline.StageConfig, 0, 3)
	for _, s := range c.pools() {
		schedule, ageShare := s.pool.Schedule.over(c.Schedule)
		stage := pipeline.StageConfig{
			Name:     s.name,
			Workers:  s.pool.Workers,
			Schedule: schedule,
			AgeShare: ageShare,
			Lanes:    s.pool.Lanes.over(c.Lanes),
		}
		s.pool.Resilience.fill(&stage)
		stages = append(stages, stage)
	}
	rate, laneRates := c.Source.rates()
	return pipeline.Config{
		Stages: stages,
		Rate:   rate, LaneRates: laneRates,
		Budget:         int64(c.Budget),
		MaxRecordBytes: int(c.Source.MaxRecordBytes),
		MaxDepth:       c.Source.MaxDepth,
		DrainTimeout:   time.Duration(c.DrainTimeout),
	}
}

type namedPool struct {
	name string
	pool Pool
}

// pools returns the stages' pools in the order of the data.
func (c Config) pools() []namedPool {
	return []namedPool{
		{StageValidate, c.Validation.Pool},
		{StageEnrich, c.Enrichment.Pool},
		{StagePersist, c.Persistence.Pool},
	}
}
