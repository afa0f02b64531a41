package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
)

func runCommand() *command {
	return &command{
		name: "run", synopsis: "[-c sluice.yaml] [flags] [files...]",
		short: "take records in until the input ends",
		long: `Reads NDJSON from the files, or from stdin, until the input ends, and puts the
records that pass into the sink; the others become dead letters beside them.
Files may be plain, gzip or zstd. A file that was read before is read on from
where it was left. Without a configuration every JSON object goes into the table
records of sluice.db. SIGINT or SIGTERM stops reading and finishes what was read;
a second one ends it at once.`,
		examples: `  zcat access.ndjson.gz | sluice run
  sluice run --sink sqlite://events.db --table events --lane-field level app.ndjson
  sluice run -c sluice.yaml --report report.json logs/*.ndjson.gz
  sluice run -c sluice.yaml --dry-run --limit 10 app.ndjson
`,
		flags: new(options).flags,
		run: func(ctx context.Context, p *process, args []string) error {
			var o options
			flags := o.flags()
			if err := p.parse("run", flags, args); err != nil {
				return ignoreHelp(err)
			}
			o.files = flags.Args()
			if err := o.check(flags); err != nil {
				return err
			}
			r := &runner{process: p, options: o, console: summary.NewConsole(p.stderr)}
			return r.run(ctx)
		},
	}
}

// runner is one sluice run.
type runner struct {
	*process
	options
	console  *summary.Console
	loaded   *config.Loaded
	examples summary.Examples
	status   pipeline.Status // at the end
	elapsed  time.Duration
}

// run does the run and then tells about it, whatever came of it.
func (r *runner) run(ctx context.Context) error {
	r.loaded = config.Load(config.Input{File: r.file, Environ: r.environ, Flags: r.settings})
	for _, w := range r.loaded.Warnings {
		r.warn(w)
	}
	if r.loaded.Control.Listen != "" {
		r.warn(fmt.Sprintf("control.listen is %s, but this version serves no control API", r.loaded.Control.Listen))
	}
	job, err := prepare(ctx, r)
	if err == nil {
		err = r.drive(ctx, job)
		err = errors.Join(err, job.close())
		if told := r.tell(job); err == nil {
			err = told
		}
	}
	if r.report != "" {
		report := summary.NewReport(r.status, r.elapsed, err)
		err = errors.Join(err, report.Write(r.report, r.stdout))
	}
	return err
}

// drive runs the pipeline to its end, under the eyes of the terminal and of
// signals.
func (r *runner) drive(ctx context.Context, j *job) error {
	defer r.limitMemory(r.loaded.Budget)()
	ctx, unwatch := onSignals(ctx, j.pipeline, r.loaded.DrainTimeout, r.console)
	defer unwatch()
	if len(r.files) == 0 && isTerminal(r.stdin) {
		r.console.Notef("sluice: reading records from the terminal, one JSON object a line; end with Ctrl-D")
	}
	live := r.live(j)
	begin := time.Now()
	err := j.pipeline.Run(ctx, j.source)
	r.elapsed = time.Since(begin)
	live.Stop()
	r.status = j.pipeline.Status()
	return r.outcome(err)
}

// outcome adds to the engine's error what exitCode and a person need to know.
func (r *runner) outcome(err error) error {
	ledger := r.status.Ledger
	switch {
	case !ledger.Closes():
		return errors.Join(err, fmt.Errorf("the ledger does not close: %+v; this is a bug in sluice", ledger.Counts))
	case ledger.Left > 0 && err != nil:
		return &leftError{records: ledger.Left, err: err}
	case err == nil && r.failOnDead && ledger.Dead > 0:
		return deadError(ledger.Dead)
	}
	return err
}

// tell writes the summary.
func (r *runner) tell(j *job) error {
	rows, dead := j.places()
	return summary.Text{
		Report:      summary.NewReport(r.status, r.elapsed, nil),
		Examples:    &r.examples,
		Rows:        rows,
		DeadLetters: dead,
		Done:        j.done(),
		Sources:     len(r.files),
	}.Write(r.console)
}

func (r *runner) warn(text string) { r.console.Notef("sluice: warning: %s", text) }
