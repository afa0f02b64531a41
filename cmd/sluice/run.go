package main

import (
	"context"
	"errors"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/pipeline"
	"sluice/stages/ingest"
)

func runCommand() *command {
	return &command{
		name: "run", synopsis: "[-c sluice.yaml] [--follow] [flags] [files...]",
		short: "take records in until the input ends",
		long: `Reads NDJSON from the files, or from stdin, until the input ends, and puts the
records that pass into the sink; the others become dead letters beside them.
Files may be plain, gzip or zstd. A file that was read before is read on from
where it was left. With --follow it goes on reading the files as they grow, through
renaming and truncation, and new files of a pattern in quotes, until SIGTERM or
ctl stop, which is its normal end. Without files it follows those that source.follow
of the configuration lists, if there are any; files on the command line, or - for
stdin, take the place of that list. Without a configuration every JSON object goes into the table
records of sluice.db. SIGINT, SIGTERM or SIGHUP stops reading and finishes what was read;
a second one ends it at once. While it runs, sluice ctl steers it; ctl stop ends
it like a signal.`,
		examples: `  zcat access.ndjson.gz | sluice run
  sluice run --sink sqlite://events.db --table events --lane-field level app.ndjson
  sluice run -c sluice.yaml --report report.json logs/*.ndjson.gz
  sluice run -c sluice.yaml --follow app.ndjson 'logs/*.ndjson'
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
	console *summary.Console
	loaded  *config.Loaded
	reading *ingest.Files // nil for stdin
	live    interface{ Stop() }
	// configured says that the files are those of source.follow.
	configured bool
	job        *job // nil when it could not be opened
	status     pipeline.Status
}

// run does the run and then tells about it, whatever came of it.
func (r *runner) run(ctx context.Context) error {
	r.loaded = config.Load(config.Input{File: r.file, Environ: r.environ, Flags: r.settings})
	for _, w := range r.loaded.Warnings {
		r.warn(w)
	}
	if err := r.takeFollowed(); err != nil {
		return err
	}
	if err := r.checkUses("run", r.loaded, r.inputs(), outputs{report: r.report, dryRun: r.dryRun}); err != nil {
		return err // the report, too, might be one of the files
	}
	err := r.drive(ctx)
	var report summary.Report
	if r.job != nil {
		err = r.outcome(err)
		report = r.job.report(r.status, nil)
		r.tell(report)
	}
	if r.report != "" {
		if r.job == nil {
			report = summary.NewReport(r.status, 0, nil)
		}
		if err != nil {
			report.Error = err.Error()
		}
		err = errors.Join(err, report.Write(r.report, r.stdout))
	}
	return err
}

// drive runs the pipeline to its end, under the eyes of the terminal, of signals
// and of the control API.
func (r *runner) drive(ctx context.Context) error {
	if r.report == "-" && (r.dryRun || r.loaded.Persistence.Sink == "stdout://") {
		return &usageError{command: "run", message: "--report - and the rows both go to stdout; give the report a file"}
	}
	h := &host{
		plan: &plan{process: r.process, loaded: r.loaded, warn: r.warn, dryRun: r.dryRun, source: r.openSource,
			forget: r.fromStart || len(r.files) == 0},
		console: r.console, once: true, quiet: r.dryRun, opened: r.opened, ended: r.ended,
	}
	if err := h.set(ctx); err != nil {
		return err
	}
	if _, chosen := r.loaded.Control.Address(); chosen && h.url() != "" {
		r.console.Notef("sluice: steer this run with: sluice ctl status --url %s", h.url())
	}
	return h.run(ctx, nil)
}

// openSource opens stdin or the files. A dry run reads files from their start,
// whatever has been read before.
func (r *runner) openSource(ctx context.Context, loaded *config.Loaded, stored storedFunc) (source, error) {
	cfg := sourceConfig(loaded)
	cfg.Warn = r.warn
	if r.dryRun {
		cfg.Limit = r.limit
	}
	if len(r.files) == 0 {
		return ingest.NewStream(r.stdin, "stdin", cfg), nil
	}
	if r.follow {
		return openFollow(ctx, r.files, stored, r.fromStart, cfg)
	}
	files, err := openFiles(ctx, r.files, stored, r.fromStart, cfg)
	r.reading = files
	return files, err
}

// opened is told of the run, which is about to begin.
func (r *runner) opened(j *job) {
	r.job = j
	if len(r.files) == 0 && isTerminal(r.stdin) {
		r.console.Notef("sluice: reading records from the terminal, one JSON object a line; end with Ctrl-D")
	}
	r.live = r.startLive(j)
}

// ended is told of the run's end.
func (r *runner) ended(j *job, s pipeline.Status, _ error) {
	if j != nil {
		r.live.Stop()
		r.status = s
	}
}

// outcome adds to the engine's error what exitCode and a person need to know.
func (r *runner) outcome(err error) error {
	ledger := r.status.Ledger
	if r.follow && errors.Is(err, pipeline.ErrStopped) && ledger.Left == 0 {
		err = nil // a file that is followed has no end to come to
	}
	if err = accounted(ledger, err); err == nil && r.failOnDead && ledger.Dead > 0 {
		return deadError(ledger.Dead)
	}
	return err
}

// tell writes the summary.
func (r *runner) tell(report summary.Report) {
	rows, dead := r.job.places()
	_ = summary.Text{ // the console is the place where an error would be told
		Report:      report,
		Examples:    &r.job.examples,
		Rows:        rows,
		DeadLetters: dead,
		Done:        done(r.reading),
		Sources:     len(r.files),
	}.Write(r.console)
}

func (r *runner) warn(text string) { r.console.Notef("sluice: warning: %s", text) }
