package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
	"sluice/stages/ingest"
	"sluice/stages/persist"
)

// plan says how the jobs of a process are made.
type plan struct {
	*process
	loaded   *config.Loaded
	warn     func(string)
	dryRun   bool
	forget   bool              // a persist.Config's
	observer pipeline.Observer // nil for none
	onWait   func(error)       // a pipeline.Config's; nil for none
	// source opens the source of one run; stored tells how far the sink is.
	source func(ctx context.Context, loaded *config.Loaded, stored storedFunc) (source, error)
	// adjust, when set, may change the engine's configuration at last.
	adjust func(*pipeline.Config)
}

// storedFunc returns the progress that a sink has stored.
type storedFunc func(context.Context) ([]pipeline.Progress, error)

// source is a pipeline's source that knows how far it is in bytes; size is -1
// when it is not known.
type source interface {
	pipeline.Source
	Progress() (read, size int64)
}

// job is everything that one run needs, opened.
type job struct {
	pipeline   *pipeline.Pipeline
	source     source
	output     *persist.Output
	examples   summary.Examples
	printsRows bool // rows go to stdout
	begun      time.Time
}

// open makes a job: first what can be wrong without opening anything, then the
// sink, then the source, which needs to know how far the sink is.
func (p *plan) open(ctx context.Context) (*job, error) {
	again := *p.loaded // what is found wrong now must not stay for the next run
	loaded := &again
	b, err := build(loaded, p.stdout, p.warn)
	if err != nil {
		return nil, err
	}
	j := &job{}
	if err := j.openOutput(ctx, p, b.persist); err != nil {
		return nil, placed(loaded, config.StagePersist, err)
	}
	if j.source, err = p.source(ctx, loaded, j.output.Progress); err != nil {
		return nil, errors.Join(err, j.close())
	}
	cfg := loaded.Pipeline()
	cfg.Sink = j.output.Sink()
	cfg.OnBatch = j.examples.Observe
	cfg.Observer = p.observer
	cfg.OnWait = p.onWait
	fill(&cfg, map[string]pipeline.Stage{
		config.StageValidate: b.validate,
		config.StageEnrich:   b.enrich,
		config.StagePersist:  j.output.Encoder(),
	})
	if p.adjust != nil {
		p.adjust(&cfg)
	}
	if j.pipeline, err = pipeline.New(cfg); err != nil {
		return nil, errors.Join(err, j.close())
	}
	j.begun = time.Now()
	return j, nil
}

// placed returns an error about a section with its place in the configuration
// where it is a mistake there, else as it is.
func placed(loaded *config.Loaded, section string, err error) error {
	if !isA[*pipeline.ConfigError](err) {
		return err
	}
	loaded.Add(section, err)
	return loaded.Err()
}

// openOutput opens the sink, or for a dry run what prints instead.
func (j *job) openOutput(ctx context.Context, p *plan, cfg persist.Config) (err error) {
	cfg.Forget, cfg.Warn = p.forget, p.warn
	if p.dryRun {
		j.output, err = persist.Preview(cfg, p.stdout)
	} else {
		j.output, err = persist.Open(ctx, cfg)
	}
	if err == nil {
		j.printsRows = p.dryRun || j.output.Rows().File == "stdout"
	}
	return err
}

// close closes what is open.
func (j *job) close() error { return j.output.Close() }

// places says where the rows and dead letters are.
func (j *job) places() (rows, dead summary.Place) {
	return place(j.output.Rows()), place(j.output.DeadLetters())
}

func place(p persist.Place) summary.Place {
	where := p.File
	if p.Table != "" {
		where = fmt.Sprintf("table %s in %s", p.Table, p.File)
	}
	return summary.Place{Where: where, Query: p.Show}
}

// report is the account of the job's run, which is over: err is why it ended
// early or failed, nil otherwise.
func (j *job) report(s pipeline.Status, err error) summary.Report {
	return summary.NewReport(s, max(0, s.Since.Sub(j.begun)), err)
}

// done returns the files that an earlier run had finished.
func done(files *ingest.Files) []string {
	if files == nil {
		return nil
	}
	var names []string
	for _, report := range files.Reports() {
		if report.Done {
			names = append(names, report.Path)
		}
	}
	return names
}
