package main

import (
	"context"
	"errors"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/control"
	"sluice/pipeline"
	"sluice/stages/ingest"
)

func serveCommand() *command {
	return &command{
		name: "serve", synopsis: "[-c sluice.yaml] [--stdin] [--follow] [--listen ADDRESS] [flags] [files...]",
		short: "take records in over HTTP until told to stop",
		long: `Takes records in over HTTP, and from stdin and files where they are asked for,
until it is told to stop. With --follow the files, or patterns of files in quotes,
are read on as they grow and are rotated. Without files it follows those that
source.follow of the configuration lists, if there are any; files on the command
line take the place of that list. It listens on 127.0.0.1:7420 unless --listen,
SLUICE_LISTEN or control.listen says otherwise; an address that other machines
can reach needs a token in SLUICE_TOKEN. sluice ctl steers it: ctl stop ends the
run and ctl start opens another, while the process stays. SIGINT, SIGTERM or
SIGHUP is its normal end: it reads no more, finishes what was read and exits with 0; a
second one ends it at once.`,
		examples: `  sluice serve -c sluice.yaml
  curl --data-binary @events.ndjson 'http://127.0.0.1:7420/v1/records?lane=high'
  sluice serve --follow app.ndjson '/var/log/app/*.ndjson'
  journalctl -fo json | sluice serve --stdin
  SLUICE_TOKEN=... sluice serve --listen :7420
`,
		flags: new(serveOptions).flags,
		run: func(ctx context.Context, p *process, args []string) error {
			var o serveOptions
			flags := o.flags()
			if err := p.parse("serve", flags, args); err != nil {
				return ignoreHelp(err)
			}
			o.files = flags.Args()
			if err := o.check(); err != nil {
				return err
			}
			s := &server{process: p, serveOptions: o, console: summary.NewConsole(p.stderr)}
			return s.serve(ctx)
		},
	}
}

// server is one sluice serve.
type server struct {
	*process
	serveOptions
	console *summary.Console
	loaded  *config.Loaded
	host    *host
	inputs  *inputs
	reading *ingest.Files // of the run; nil for none
	runs    int           // opened so far
	// configured says that the files are those of source.follow.
	configured bool
	broken     error // of a ledger that did not close
}

// serve serves until ctx ends. The first run must open: what keeps it from that
// is the error.
func (s *server) serve(ctx context.Context) error {
	s.loaded = config.Load(config.Input{File: s.file, Environ: s.environ, Flags: s.settings})
	for _, w := range s.loaded.Warnings {
		s.warn(w)
	}
	if err := s.takeFollowed(); err != nil {
		return err
	}
	if err := s.checkUses("serve", s.loaded, s.inputFilesAndStdin(), outputs{}); err != nil {
		return err
	}
	s.inputs = s.newInputs()
	s.host = &host{
		plan:    &plan{process: s.process, loaded: s.loaded, warn: s.warn, source: s.openSource, forget: len(s.files) == 0},
		console: s.console, poster: s.inputs.bodies, opened: s.opened, ended: s.ended,
	}
	if err := s.host.set(ctx); err != nil {
		return err
	}
	err := s.host.run(ctx, s.begin)
	if err == nil {
		err = s.inputs.err()
	}
	return errors.Join(err, s.broken)
}

// bodyMemory is what HTTP bodies may hold that has no place in the budget yet.
func (s *server) bodyMemory() int64 { return int64(s.loaded.Budget) / 4 }

func (s *server) newInputs() *inputs {
	cfg := sourceConfig(s.loaded)
	cfg.Warn = s.warn
	in := &inputs{bodies: ingest.NewBodies(cfg, ingest.BodyLimits{Memory: s.bodyMemory()}), files: s.files, follow: s.follow, warn: s.warn}
	if s.useStdin {
		in.stdin = ingest.NewStream(s.stdin, "stdin", cfg)
	}
	return in
}

func (s *server) openSource(ctx context.Context, loaded *config.Loaded, stored storedFunc) (source, error) {
	src, err := s.inputs.open(ctx, loaded, stored)
	if err != nil {
		return nil, err
	}
	s.reading = src.files
	return src, nil
}

// begin starts the first run and says how to go on from here.
func (s *server) begin(ctx context.Context) error {
	_, err := s.host.controller.Do(ctx, control.Start{})
	if ctx.Err() != nil {
		return nil // told to stop before it began
	}
	if refused, ok := errors.AsType[*control.RefusedError](err); ok && refused.Err != nil {
		return refused.Err
	}
	if err != nil {
		return err
	}
	url := s.host.url()
	if url == "" {
		s.console.Notef("sluice: serving without a control API; SIGTERM ends it")
		return nil
	}
	_, chosen := s.loaded.Control.Address()
	steer := "sluice ctl status"
	if chosen {
		steer += " --url " + url
	}
	s.console.Notef("sluice: listening on %s", url)
	s.console.Notef("sluice: post records to %s/v1/records; steer it with: %s", url, steer)
	return nil
}

// opened is told of each run, which is about to begin.
func (s *server) opened(j *job) {
	s.runs++
	rows, _ := j.places()
	s.console.Notef("sluice: run %d: rows go to %s", s.runs, rows.Where)
}

// ended is told of each run's end. Of the first run's opening begin tells.
func (s *server) ended(j *job, status pipeline.Status, err error) {
	if j == nil {
		if s.runs > 0 {
			s.console.Notef("sluice: the next run could not be opened: %s", config.Redact(err.Error()))
		}
		return
	}
	if open := ledgerError(status.Ledger); open != nil {
		s.broken = errors.Join(s.broken, open)
	}
	if err == nil || errors.Is(err, pipeline.ErrStopped) {
		s.console.Notef("sluice: run %d has ended", s.runs)
	} else {
		s.console.Notef("sluice: run %d has failed: %s", s.runs, config.Redact(err.Error()))
	}
	rows, dead := j.places()
	_ = summary.Text{ // the console is the place where an error would be told
		Report:      j.report(status, err),
		Examples:    &j.examples,
		Rows:        rows,
		DeadLetters: dead,
		Done:        done(s.reading),
		Sources:     1 + len(s.files), // with HTTP bodies
	}.Write(s.console)
}

func (s *server) warn(text string) { s.console.Notef("sluice: warning: %s", text) }
