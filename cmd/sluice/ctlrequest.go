package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/client"
	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
)

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
	"lane":   nil,
	"status": {"watch", "interval"},
}

// request makes the call of a command line.
func (o ctlOptions) request(flags *pflag.FlagSet) (verb string, r client.Request, err error) {
	args := flags.Args()
	if len(args) == 0 {
		return "", r, ctlUsage("there is no command; expected start, stop, pause, resume, resize, lane or status")
	}
	verb, args = args[0], args[1:]
	if err := o.check(flags, verb); err != nil {
		return verb, r, err
	}
	r = client.Request{Method: http.MethodPost, Path: "/v1/" + verb, Query: url.Values{}}
	switch {
	case verb == "resize":
		return verb, r, o.resize(&r, args)
	case verb == "lane":
		return verb, r, setLane(&r, args)
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
		names := []string{"start", "stop", "pause", "resume", "resize", "lane", "status"}
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
