package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/bench"
	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
)

// The sinks that have a name instead of a URL in sluice bench.
const (
	sinkNull   = "null"   // nowhere
	sinkConfig = "config" // the configuration's own
)

// benchOptions are the flags of sluice bench.
type benchOptions struct {
	file     string
	json     bool
	offer    bench.Flags
	settings config.Settings
}

func (o *benchOptions) flags() *pflag.FlagSet {
	flags := newFlags("bench")
	configFlag(flags, &o.file)
	o.offer.Register(flags)
	flags.BoolVar(&o.json, "json", false, "print the figures as JSON")
	o.settings.Register(flags)
	return flags
}

func benchCommand() *command {
	return &command{
		name: "bench", synopsis: "[-c sluice.yaml] [flags]",
		short: "offer load to the configured pipeline and measure it",
		long: `Runs the pipeline of the configuration on records that it makes itself, each lane
from a sender of its own, and prints throughput, the latency of each lane, the
longest waits, the depth of the channels over time and what held it back. A
record's latency counts from when it was due, so a pipeline that is stuck cannot
hide it. Rows and dead letters go nowhere unless --sink says where: a URL, or
config for the sink of the configuration, into which the records then really go.
A signal ends it early, and it prints what it has.`,
		examples: `  sluice bench
  sluice bench -c sluice.yaml --rate low=2x,critical=0.02x --duration 30s
  sluice bench --rate 20000 --mix critical=1,low=99 --sink sqlite:///tmp/bench.db --json
  sluice bench --rate low=200,critical=10 --slow-stage enrich=low:500ms,critical:5ms
  sluice bench --rate 50 --mix normal=1 --through stdin --sink sqlite:///tmp/bench.db
`,
		flags: new(benchOptions).flags,
		run: func(ctx context.Context, p *process, args []string) error {
			var o benchOptions
			flags := o.flags()
			if err := p.parse("bench", flags, args); err != nil {
				return ignoreHelp(err)
			}
			if flags.NArg() > 0 {
				return &usageError{command: "bench", message: fmt.Sprintf("found %q; bench makes its records itself, --sample %s sends the lines of a file", flags.Arg(0), flags.Arg(0))}
			}
			return (&bencher{process: p, benchOptions: o, console: summary.NewConsole(p.stderr)}).run(ctx)
		},
	}
}

// chooseSink makes the sink what --sink says, and nowhere unless it says
// anything, so that made-up records come into a table only where somebody wants
// them there. It returns whether the configuration's own sink was asked for.
func (o *benchOptions) chooseSink() (own bool) {
	switch sink := o.settings.Sink; {
	case sink == nil, *sink == sinkNull:
		o.settings.Sink = new("null://")
	case *sink == sinkConfig:
		o.settings.Sink = nil
		return true
	}
	return false
}

// load reads the configuration. All mistakes of the flags come before those of
// the configuration, which are told when it is opened.
func (b *bencher) load() (err error) {
	b.plan, err = b.offer.Plan()
	own := b.chooseSink()
	b.loaded = config.Load(config.Input{File: b.file, Environ: b.environ, Flags: b.settings})
	if !own && b.settings.DeadLetters == nil {
		b.loaded.DeadLetters = "" // beside the rows
	}
	for _, w := range b.loaded.Warnings {
		b.warn(w)
	}
	if slow := b.plan.Slow.Check(b.loaded.Pipeline().Stages); slow != nil {
		err = errors.Join(err, fmt.Errorf("--slow-stage: %w", slow))
	}
	if strings.HasPrefix(strings.ToLower(b.loaded.Persistence.Sink), "stdout:") {
		err = errors.Join(err, fmt.Errorf("--sink %s: the figures go to stdout; expected another sink", b.loaded.Persistence.Sink))
	}
	if err != nil {
		return &usageError{command: "bench", message: err.Error()}
	}
	var inputs []use
	if b.plan.Sample != "" {
		inputs = []use{{role: "the sample", path: b.plan.Sample}}
	}
	return b.checkUses("bench", b.loaded, inputs, outputs{})
}
