package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/client"
	"sluice/cmd/sluice/internal/config"
)

// statusTimeout is how long a sluice may take to answer what it answers at
// once: everything but start and stop, which wait for the run.
const statusTimeout = 10 * time.Second

// ctlOptions are the flags of sluice ctl.
type ctlOptions struct {
	url       string
	tokenFile string
	json      bool
	watch     bool
	interval  config.Duration
	now       bool
	noWait    bool
	timeout   config.Duration
}

func (o *ctlOptions) flags() *pflag.FlagSet {
	o.interval = config.Duration(time.Second)
	flags := newFlags("ctl")
	flags.StringVar(&o.url, "url", "", "`URL` of the sluice to steer (default: what SLUICE_LISTEN says, else http://"+config.DefaultListen+")")
	flags.StringVar(&o.tokenFile, "token-file", "", "`FILE` that holds the token, where SLUICE_TOKEN does not give it")
	flags.BoolVar(&o.json, "json", false, "print the status as JSON")
	flags.BoolVar(&o.now, "now", false, "with stop: finish nothing; what is under way counts as left")
	flags.Var(durationFlag{&o.timeout}, "timeout", "with stop: how long to finish what was read (default: the drain_timeout of the process)")
	flags.BoolVar(&o.noWait, "no-wait", false, "with start and stop: do not wait until it is done")
	flags.BoolVar(&o.watch, "watch", false, "with status: print it again and again, until Ctrl-C")
	flags.Var(durationFlag{&o.interval}, "interval", "with --watch: the time between two (default 1s)")
	return flags
}

// durationFlag is a config.Duration as a flag.
type durationFlag struct{ to *config.Duration }

// Set implements pflag.Value.
func (d durationFlag) Set(text string) error {
	if err := d.to.UnmarshalText([]byte(text)); err != nil {
		return err
	}
	if *d.to <= 0 {
		return fmt.Errorf("%q; expected more than 0, such as 30s", text)
	}
	return nil
}

// String implements pflag.Value; usage texts name the default.
func (durationFlag) String() string { return "" }

// Type implements pflag.Value.
func (durationFlag) Type() string { return "TIME" }

func ctlCommand() *command {
	return &command{
		name: "ctl", synopsis: "start|stop|pause|resume|resize|lane|status [flags]",
		short: "steer a sluice that runs",
		long: `Steers a running sluice serve, or a long sluice run, through its control API:

  ctl status                   where the run stands, and what holds it back
  ctl start                    open a new run
  ctl stop                     stop reading and finish what was read; the process stays
  ctl pause [STAGE]            hold the run, or one stage: validate, enrich or persist
  ctl resume [STAGE]           let it go on
  ctl resize STAGE WORKERS     change the number of a stage's workers
  ctl lane STAGE LANE KEY=VALUE...
                               change a lane before a stage; the keys are capacity,
                               weight, full, dropped and max_wait, as in the file

What resize and lane change lasts until the run ends; the next one begins as it is
configured.

It finds the process by --url, else by SLUICE_LISTEN, else at the default port,
and says whom it talked to. A token comes from SLUICE_TOKEN or --token-file.`,
		examples: `  sluice ctl status --watch
  sluice ctl stop --timeout 10s
  sluice ctl pause persist
  sluice ctl resize enrich 8
  sluice ctl lane enrich low full=drop-oldest capacity=100 max_wait=2s
  sluice ctl status --json --url https://sluice.example:7420
`,
		variables: []string{client.ListenVariable, config.TokenVariable},
		flags:     new(ctlOptions).flags,
		run: func(ctx context.Context, p *process, args []string) error {
			var o ctlOptions
			flags := o.flags()
			if err := p.parse("ctl", flags, args); err != nil {
				return ignoreHelp(err)
			}
			return p.ctl(ctx, o, flags)
		},
	}
}

// dial makes the client of a command line.
func (p *process) dial(o ctlOptions) (*client.Client, *url.URL, error) {
	target, err := client.Target(o.url, p.environ[client.ListenVariable])
	if err != nil {
		return nil, nil, ctlUsage("%v", err)
	}
	token := p.environ[config.TokenVariable]
	if token == "" && o.tokenFile != "" {
		if token, err = config.ReadToken(o.tokenFile); err != nil {
			return nil, nil, ctlUsage("--token-file: %v", err)
		}
	}
	return client.New(target, token), target, nil
}

// explain adds what to do about it.
func explain(err error) error {
	if _, ok := errors.AsType[*client.UnreachableError](err); ok {
		return fmt.Errorf("%w; start one with: sluice serve, or say where it listens with --url or %s", err, client.ListenVariable)
	}
	if e, ok := errors.AsType[*client.RefusedError](err); ok && e.Code == http.StatusUnauthorized {
		return fmt.Errorf("%w; give the token with %s or --token-file", err, config.TokenVariable)
	}
	return err
}
