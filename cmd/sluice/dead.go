package main

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/config"
	"sluice/control/api"
	"sluice/pipeline"
)

// deadOptions are the flags of sluice dead.
type deadOptions struct {
	file       string
	url        string
	json       bool
	all        bool
	records    bool
	failOnDead bool
	given      map[string]*[]string // of the filter and the replay, by the API's names
	settings   config.Settings
}

// letterFlags are those that the API takes as parameters, by the name of the
// parameter.
var letterFlags = []struct{ parameter, flag, value, usage string }{
	{"stage", "stage", "NAME", "letters of this `NAME` of a stage: ingest, validate, enrich, persist; several with commas or given again, as for code, lane and source"},
	{"code", "code", "CODE", "letters with this `CODE`, such as schema"},
	{"lane", "lane", "LANE", "letters of this `LANE`"},
	{"source", "source", "NAME", "letters of this source, a path or stdin, by its `NAME`"},
	{"since", "since", "TIME", "letters stored at this `TIME` or later: 2026-01-31, 2026-01-31T12:00:00Z, or how long ago: 90m, 7d"},
	{"until", "until", "TIME", "letters stored before this `TIME`"},
	{"after", "after", "ID", "letters with a higher `ID`: the next page of a list"},
	{"limit", "limit", "N", "at most `N` letters, the lowest ids (list: 50 unless given)"},
	{"from", "from", "STAGE", "with replay: `first`, or failed to pass over the validation that the record had passed"},
	{"to_lane", "to-lane", "LANE", "with replay: send all in this `LANE` instead of their own"},
}

// deadListLimit is how many letters a list shows unless told otherwise.
const deadListLimit = 50

func (o *deadOptions) flags() *pflag.FlagSet {
	flags := newFlags("dead")
	configFlag(flags, &o.file)
	o.given = map[string]*[]string{}
	for _, f := range letterFlags {
		o.given[f.parameter] = flags.StringArray(f.flag, nil, f.usage)
	}
	flags.BoolVar(&o.all, "all", false, "with purge: every letter, where there is no filter")
	flags.BoolVar(&o.records, "records", false, "with export: the original lines, to send them in again")
	flags.BoolVar(&o.failOnDead, "fail-on-dead", false, "with replay: exit with 4 when letters failed again or could not be sent")
	flags.BoolVar(&o.json, "json", false, "print JSON")
	flags.StringVar(&o.url, "url", "", "`URL` of a sluice whose dead letters are meant, instead of those of the configuration")
	o.settings.Register(flags)
	return flags
}

func deadUsage(format string, args ...any) error {
	return &usageError{command: "dead", message: fmt.Sprintf(format, args...)}
}

// deadVerbs are the words after dead with the flags that only some take.
var deadVerbs = map[string][]string{
	"list": {"after"}, "show": nil, "stats": nil, "replay": {"from", "to-lane", "fail-on-dead"}, "purge": {"all"}, "export": {"records", "after"},
}

var deadVerbNames = []string{"list", "show", "stats", "replay", "purge", "export"}

func deadCommand() *command {
	return &command{
		name: "dead", synopsis: "list|show|stats|replay|purge|export [ID...] [-c sluice.yaml | --sink URL | --url URL] [flags]",
		short: "look at dead letters, and send them through again",
		long: `Dead letters are the records that could not go on, with the reason.

  dead list [ID...]      one line each, the oldest first
  dead show ID...        all of a letter, with its record
  dead stats             how many, by stage, code and lane
  dead replay [ID...]    send the records through again: one that succeeds is a row
                         and leaves the dead letters in the same transaction, one that
                         fails keeps its id, with the new reason
  dead purge [ID...]     take letters out for good; without a filter it needs --all
  dead export [ID...]    NDJSON on stdout: letters, or with --records the original lines

A command goes through the API of a sluice that runs on the same sink, if there is one
at the control address, else straight to the database. Both may go on at once: each
letter is replayed by one of them. Dead letters in a file can be looked at and exported,
not replayed or purged.`,
		examples: `  sluice dead stats -c sluice.yaml
  sluice dead list --code schema --since 24h
  sluice dead replay --stage persist --limit 1000
  sluice dead replay 17 18 --to-lane critical
  sluice dead export --records --code not_json > mend.ndjson
  sluice dead purge --until 30d
  sluice dead export --records -c old.yaml | sluice run -c new.yaml
`,
		flags: new(deadOptions).flags,
		run: func(ctx context.Context, p *process, args []string) error {
			var o deadOptions
			flags := o.flags()
			if err := p.parse("dead", flags, args); err != nil {
				return ignoreHelp(err)
			}
			verb, f, replay, err := o.request(flags, time.Now())
			if err != nil {
				return err
			}
			return p.dead(ctx, o, verb, f, replay)
		},
	}
}

// request reads what a command line asks for.
func (o *deadOptions) request(flags *pflag.FlagSet, now time.Time) (verb string, f pipeline.LetterFilter, replay pipeline.ReplayOptions, err error) {
	args := flags.Args()
	if len(args) == 0 {
		return "", f, replay, deadUsage("there is no command; expected one of %s", strings.Join(deadVerbNames, ", "))
	}
	verb, args = args[0], args[1:]
	if err := o.check(flags, verb); err != nil {
		return verb, f, replay, err
	}
	query := url.Values{}
	for name, values := range o.given {
		if len(*values) > 1 && !api.IsList(name) {
			return verb, f, replay, deadUsage("--%s is given %d times; expected once", strings.ReplaceAll(name, "_", "-"), len(*values))
		}
		if len(*values) > 0 {
			query[name] = *values
		}
	}
	for _, arg := range args {
		if _, err := strconv.ParseUint(arg, 10, 63); err != nil {
			return verb, f, replay, deadUsage("dead %s: found %q; expected ids of dead letters, as dead list shows them", verb, arg)
		}
	}
	query.Set("id", strings.Join(args, ","))
	f, parameter, err := api.LetterFilter(query, now)
	if err == nil {
		replay, parameter, err = api.ReplayOptions(query)
	}
	if err != nil {
		return verb, f, replay, deadUsage("--%s: %v", strings.ReplaceAll(parameter, "_", "-"), err)
	}
	switch {
	case verb == "show" && len(args) == 0:
		err = deadUsage("dead show takes the ids of letters, as dead list shows them")
	case verb == "purge" && f.All() && !o.all:
		err = deadUsage("dead purge without a filter takes out every dead letter; give a filter such as --until 30d, or --all")
	case verb == "purge" && !f.All() && o.all:
		err = deadUsage("--all stands beside a filter; expected one of them")
	}
	return verb, f, replay, err
}

// check finds words that are no commands and flags that are another's.
func (o *deadOptions) check(flags *pflag.FlagSet, verb string) (err error) {
	own, known := deadVerbs[verb]
	if !known {
		if near := config.Nearest(verb, deadVerbNames); near != "" {
			return deadUsage("unknown command dead %q; did you mean dead %s?", verb, near)
		}
		return deadUsage("unknown command dead %q; expected %s", verb, strings.Join(deadVerbNames, ", "))
	}
	flags.Visit(func(f *pflag.Flag) {
		for _, theirs := range deadVerbs {
			if slices.Contains(theirs, f.Name) && !slices.Contains(own, f.Name) {
				err = deadUsage("--%s is not for dead %s", f.Name, verb)
			}
		}
	})
	return err
}
