package main

import (
	"io"

	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
	"sluice/stages/enrich"
	"sluice/stages/ingest"
	"sluice/stages/persist"
	"sluice/stages/validate"
)

// built are the parts that a configuration describes and that touch nothing
// but files they read.
type built struct {
	validate *validate.Stage
	enrich   *enrich.Stage
	persist  persist.Config
}

// build makes the stages of a configuration. It goes on after each mistake and
// adds all of them to loaded; the error is loaded.Err.
func build(loaded *config.Loaded, stdout io.Writer, warn func(string)) (*built, error) {
	var b built
	loaded.Add("source", sourceConfig(loaded).Validate())
	var err error
	b.validate, err = validate.New(loaded.Validation.Stage(loaded.Source.MaxDepth))
	loaded.Add(config.StageValidate, err)

	b.enrich, err = enrich.New(enrich.Config{Steps: loaded.Enrichment.Steps, Dir: loaded.Dir, MaxDepth: loaded.Source.MaxDepth, Warn: warn})
	loaded.Add(config.StageEnrich, err)

	b.persist = persist.Config{
		Sink:        loaded.Persistence.Sink,
		Table:       loaded.Persistence.Table,
		Columns:     loaded.Persistence.Columns,
		Rest:        loaded.Persistence.Rest,
		Raw:         loaded.Persistence.Raw,
		DeadLetters: loaded.DeadLetters,
		OnConflict:  loaded.Persistence.OnConflict,
		Synchronous: loaded.Persistence.Synchronous,
		Stdout:      stdout,
	}
	loaded.Add(config.StagePersist, b.persist.Validate())
	checkControl(loaded)
	return &b, loaded.Err()
}

// sourceConfig returns how the input is cut into records.
func sourceConfig(loaded *config.Loaded) ingest.Config {
	return ingest.Config{
		MaxRecordBytes: int(loaded.Source.MaxRecordBytes),
		Rule:           loaded.LaneRule(),
	}
}

// fill puts the stages' code into the engine's configuration.
func fill(cfg *pipeline.Config, code map[string]pipeline.Stage) {
	for i := range cfg.Stages {
		cfg.Stages[i].Stage = code[cfg.Stages[i].Name]
	}
}
