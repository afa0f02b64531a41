package main

import (
	"context"
	"errors"
	"fmt"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
	"sluice/stages/ingest"
	"sluice/stages/persist"
)

// job is everything that one run needs, opened.
type job struct {
	pipeline   *pipeline.Pipeline
	source     source
	files      *ingest.Files // nil for stdin
	output     *persist.Output
	printsRows bool // rows go to stdout
}

// source is a pipeline's source that knows how far it is in bytes; size is -1
// when it is not known.
type source interface {
	pipeline.Source
	Progress() (read, size int64)
}

// prepare makes a job: first what can be wrong without opening anything, then
// the sink, then the source, which needs to know how far the sink is.
func prepare(ctx context.Context, r *runner) (*job, error) {
	b, err := build(r.loaded, r.stdout, r.warn)
	if err != nil {
		return nil, err
	}
	if r.report == "-" && (r.dryRun || b.persist.Sink == "stdout://") {
		return nil, &usageError{command: "run", message: "--report - and the rows both go to stdout; give the report a file"}
	}
	j := &job{}
	if err := j.openOutput(ctx, r, b.persist); err != nil {
		return nil, placed(r.loaded, config.StagePersist, err)
	}
	if err := j.openSource(ctx, r); err != nil {
		return nil, errors.Join(err, j.close())
	}
	cfg := r.loaded.Pipeline()
	cfg.Sink = j.output.Sink()
	cfg.OnBatch = r.examples.Observe
	fill(&cfg, map[string]pipeline.Stage{
		config.StageValidate: b.validate,
		config.StageEnrich:   b.enrich,
		config.StagePersist:  j.output.Encoder(),
	})
	if j.pipeline, err = pipeline.New(cfg); err != nil {
		return nil, errors.Join(err, j.close())
	}
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
func (j *job) openOutput(ctx context.Context, r *runner, cfg persist.Config) (err error) {
	if r.dryRun {
		j.output, err = persist.Preview(cfg, r.stdout)
	} else {
		j.output, err = persist.Open(ctx, cfg)
	}
	if err == nil {
		j.printsRows = r.dryRun || j.output.Rows().File == "stdout"
	}
	return err
}

// openSource opens stdin or the files. A dry run reads files from their start,
// whatever has been read before.
func (j *job) openSource(ctx context.Context, r *runner) error {
	cfg := sourceConfig(r.loaded)
	cfg.Warn = r.warn
	if r.dryRun {
		cfg.Limit = r.limit
	}
	if len(r.files) == 0 {
		j.source = ingest.NewStream(r.stdin, "stdin", cfg)
		return nil
	}
	stored, err := j.output.Progress(ctx)
	if err != nil {
		return fmt.Errorf("read the progress of earlier runs: %w", err)
	}
	j.files, err = ingest.OpenFiles(r.files, stored, r.fromStart, cfg)
	j.source = j.files
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

// done returns the files that an earlier run had finished.
func (j *job) done() []string {
	if j.files == nil {
		return nil
	}
	var names []string
	for _, report := range j.files.Reports() {
		if report.Done {
			names = append(names, report.Path)
		}
	}
	return names
}
