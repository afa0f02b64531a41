package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
	"sluice/stages/persist"
	"sluice/stages/validate"
)

// checkOptions are the flags of sluice check.
type checkOptions struct {
	file     string
	service  config.Duration
	settings config.Settings
	schema   schemaOptions
}

func (o *checkOptions) flags() *pflag.FlagSet {
	flags := newFlags("check")
	configFlag(flags, &o.file)
	o.service = config.Duration(defaultService)
	flags.Var(durationFlag{&o.service}, "service", "the time of a stage for a record, to reckon the longest waits with (default 10µs)")
	o.schema.register(flags)
	o.settings.Register(flags)
	return flags
}

func checkCommand() *command {
	return &command{
		name: "check", synopsis: "[-c sluice.yaml] [flags], or: sluice check --schema FILE [flags] [FILE...|-]",
		short: "check the configuration and what it names, or values against a schema",
		long: `Reads the configuration as sluice run does, compiles the schema and the
expressions, loads the lookup tables and compares the sink's table with the
columns. It prints what it found, with what each entry of source.follow matches
now, or every mistake at once.

It also prints the longest that a batch can wait in each lane before each stage,
if the stage takes --service for a record: by the formula of docs/lanes.md.

With --schema and no other setting it checks values instead: the JSON values in
the files, or on stdin, one a line. It prints a verdict for each as a line of
JSON, {"line":1,"valid":true} or {"line":2,"valid":false,"errors":[...]} with
pointer, keyword and message of each error, and exits with 4 when some do not fit.`,
		examples: `  sluice check
  sluice check -c sluice.yaml --sink sqlite:///srv/events.db
  sluice check --service 2ms
  sluice check --schema event.schema.json events.ndjson
  sluice check --schema event.schema.json --format assert --errors first - < events.ndjson
`,
		flags: new(checkOptions).flags,
		run: func(ctx context.Context, p *process, args []string) error {
			var o checkOptions
			flags := o.flags()
			if err := p.parse("check", flags, args); err != nil {
				return ignoreHelp(err)
			}
			verdicts, err := o.asksForVerdicts(flags)
			switch {
			case err != nil:
				return err
			case verdicts:
				return p.verdicts(*o.settings.Schema, o.schema, flags.Args())
			}
			return p.check(ctx, o)
		},
	}
}

func (p *process) check(ctx context.Context, o checkOptions) error {
	loaded := config.Load(config.Input{File: o.file, Environ: p.environ, Flags: o.settings})
	warn := func(text string) { fmt.Fprintf(p.stderr, "sluice: warning: %s\n", text) }
	for _, w := range loaded.Warnings {
		warn(w)
	}
	if err := p.checkUses("check", loaded, nil, outputs{}); err != nil {
		return err
	}
	checkFollowed(loaded)
	b, problems := build(loaded, p.stdout, warn)
	if err := persist.Check(ctx, b.persist); err != nil {
		err = placed(loaded, config.StagePersist, err)
		if isA[config.Problems](err) {
			return err // with those of the other sections
		}
		return errors.Join(problems, err)
	}
	if problems != nil {
		return problems
	}
	return found(p.stdout, loaded, b, time.Duration(o.service))
}

// found prints what a configuration without mistakes comes to.
func found(w io.Writer, loaded *config.Loaded, b *built, service time.Duration) error {
	var text strings.Builder
	say := func(name, format string, args ...any) {
		fmt.Fprintf(&text, "%-14s %s\n", name, fmt.Sprintf(format, args...))
	}
	say("configuration", "%s", orElse(loaded.File, "the defaults; there is no "+config.DefaultFile+" here"))
	for i, name := range loaded.Source.Follow {
		say([]string{"follow", ""}[min(i, 1)], "%s", followedNow(name))
	}
	say("lanes", "%s", lanes(loaded.LaneRule()))
	for i, text := range rateLimits(loaded.Pipeline()) {
		say([]string{"rate limits", ""}[min(i, 1)], "%s", text)
	}
	say("schema", "%s", schemas(loaded.Validation))
	if slow := b.validate.SlowParts(); len(slow) > 0 {
		say("", "%d parts of it take the slow way, which allocates: %s", len(slow), strings.Join(slow[:min(len(slow), maxSlowShown)], ", "))
	}
	say("steps", "%d", len(loaded.Enrichment.Steps))
	for _, table := range b.enrich.Tables() {
		say("", "table %s: %s rows, %s in memory", table.Path, humanize.Comma(int64(table.Rows)), humanize.IBytes(uint64(table.Bytes)))
	}
	say("sink", "%s", config.Redact(loaded.Persistence.Sink))
	say("", "%s", columns(b.persist))
	say("dead letters", "%s", orElse(loaded.DeadLetters, "beside the rows"))
	say("memory", "%s for records", loaded.Budget)
	say("control API", "%s", controlAPI(loaded))
	waits(&text, loaded.Pipeline().Stages, service)
	text.WriteString("\nOK\n")
	_, err := io.WriteString(w, text.String())
	return err
}

// maxSlowShown is how many slow parts of a schema are named.
const maxSlowShown = 20

func schemas(v config.Validation) string {
	if v.Schemas == nil {
		return orElse(v.Schema, "none; every JSON object passes")
	}
	return fmt.Sprintf("by the field %s, %d values; others %s", v.Schemas.By, len(v.Schemas.Map),
		map[bool]string{true: "pass", false: "are rejected"}[v.Schemas.Default == validate.UnknownPass])
}

func controlAPI(loaded *config.Loaded) string {
	address, _ := loaded.Control.Address()
	switch {
	case address == "":
		return "off"
	case loaded.Token != "":
		return address + ", with a token"
	}
	return address + ", without a token"
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

func lanes(rule pipeline.LaneRule) string {
	if rule.Field == "" {
		return "all records go to " + rule.Default.String()
	}
	return fmt.Sprintf("by the field %s, %d values; otherwise %s", rule.Field, len(rule.Map), rule.Default)
}

func columns(cfg persist.Config) string {
	if len(cfg.Columns) == 0 {
		return "no columns: each record is stored as JSON"
	}
	var keys []string
	for _, c := range cfg.Columns {
		if c.Key {
			keys = append(keys, c.Name)
		}
	}
	text := fmt.Sprintf("%d columns", len(cfg.Columns))
	if len(keys) > 0 {
		text += ", key " + strings.Join(keys, ", ")
	}
	return text
}
