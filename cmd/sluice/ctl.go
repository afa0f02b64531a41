package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/client"
	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
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
		name: "ctl", synopsis: "start|stop|pause|resume|resize|status [flags]",
		short: "steer a sluice that runs",
		long: `Steers a running sluice serve, or a long sluice run, through its control API:

  ctl status                   where the run stands, and what holds it back
  ctl start                    open a new run
  ctl stop                     stop reading and finish what was read; the process stays
  ctl pause [STAGE]            hold the run, or one stage: validate, enrich or persist
  ctl resume [STAGE]           let it go on
  ctl resize STAGE WORKERS     change the number of a stage's workers

It finds the process by --url, else by SLUICE_LISTEN, else at the default port,
and says whom it talked to. A token comes from SLUICE_TOKEN or --token-file.`,
		examples: `  sluice ctl status --watch
  sluice ctl stop --timeout 10s
  sluice ctl pause persist
  sluice ctl resize enrich 8
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

func ctlUsage(format string, args ...any) error {
	return &usageError{command: "ctl", message: fmt.Sprintf(format, args...)}
}

// verbs are the words after ctl with the flags that only they take.
var verbs = map[string][]string{
	"start":  {"no-wait"},
	"stop":   {"now", "timeout", "no-wait"},
	"pause":  nil,
	"resume": nil,
	"resize": nil,
	"status": {"watch", "interval"},
}

// request makes the call of a command line.
func (o ctlOptions) request(flags *pflag.FlagSet) (verb string, r client.Request, err error) {
	args := flags.Args()
	if len(args) == 0 {
		return "", r, ctlUsage("there is no command; expected start, stop, pause, resume, resize or status")
	}
	verb, args = args[0], args[1:]
	if err := o.check(flags, verb); err != nil {
		return verb, r, err
	}
	r = client.Request{Method: http.MethodPost, Path: "/v1/" + verb, Query: url.Values{}}
	switch {
	case verb == "resize":
		return verb, r, o.resize(&r, args)
	case (verb == "pause" || verb == "resume") && len(args) == 1:
		r.Path = "/v1/stages/" + url.PathEscape(args[0]) + "/" + verb
		return verb, r, nil
	case len(args) > 0:
		return verb, r, ctlUsage("ctl %s: found %q behind it; expected nothing more", verb, args[len(args)-1])
	case verb == "status":
		r.Method = http.MethodGet
	}
	if o.now {
		r.Query.Set("mode", "now")
	}
	if o.timeout > 0 {
		r.Query.Set("timeout", o.timeout.String())
	}
	if o.noWait {
		r.Query.Set("wait", "false")
	}
	return verb, r, nil
}

// check finds words that are no commands and flags that are another's.
func (o ctlOptions) check(flags *pflag.FlagSet, verb string) error {
	own, known := verbs[verb]
	if !known {
		names := []string{"start", "stop", "pause", "resume", "resize", "status"}
		if near := config.Nearest(verb, names); near != "" {
			return ctlUsage("unknown command ctl %q; did you mean ctl %s?", verb, near)
		}
		return ctlUsage("unknown command ctl %q; expected %s", verb, strings.Join(names, ", "))
	}
	var err error
	flags.Visit(func(f *pflag.Flag) {
		for _, theirs := range verbs {
			if slices.Contains(theirs, f.Name) && !slices.Contains(own, f.Name) {
				err = ctlUsage("--%s is not for ctl %s", f.Name, verb)
			}
		}
	})
	if err == nil && o.now && o.timeout > 0 {
		err = ctlUsage("--now finishes nothing, so --timeout has nothing to bound; expected one of them")
	}
	return err
}

func (o ctlOptions) resize(r *client.Request, args []string) error {
	if len(args) != 2 {
		return ctlUsage("ctl resize takes a stage and a number of workers, such as: ctl resize enrich 8")
	}
	workers, err := strconv.Atoi(args[1])
	if err != nil || workers < 1 || workers > pipeline.MaxWorkers {
		return ctlUsage("ctl resize: found %q; expected a number of workers, 1 to %d", args[1], pipeline.MaxWorkers)
	}
	r.Method = http.MethodPatch
	r.Path = "/v1/stages/" + url.PathEscape(args[0])
	r.Body = map[string]int{"workers": workers}
	return nil
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
