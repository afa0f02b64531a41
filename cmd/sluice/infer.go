package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/infer"
)

// What sluice infer writes, and the names of its files in a folder.
const (
	outSchema  = "schema"
	outConfig  = "config"
	schemaFile = "event.schema.json"
)

// inferOptions are the flags of sluice infer.
type inferOptions struct {
	out    string
	dir    string
	table  string
	ranges bool
	limit  int64
	files  []string
}

func (o *inferOptions) flags() *pflag.FlagSet {
	flags := newFlags("infer")
	flags.StringVar(&o.out, "out", outSchema, "what to print: `schema`, or config for a whole sluice.yaml")
	flags.StringVar(&o.dir, "dir", "", "write both into the folder `DIR` instead, as "+schemaFile+" and "+config.DefaultFile)
	flags.BoolVar(&o.ranges, "ranges", false, "ask for the ranges of numbers and of lengths that were seen, too")
	flags.StringVar(&o.table, "table", "events", "`NAME` of the table and its database in the configuration")
	flags.Int64Var(&o.limit, "limit", 0, "read at most `N` lines of each file; 0 for all")
	return flags
}

func inferCommand() *command {
	return &command{
		name: "infer", synopsis: "[flags] [files...|-]",
		short: "look at records and write a schema, or a configuration, for them",
		long: `Reads NDJSON, plain, gzip or zstd, from the files or from stdin, and prints a
JSON Schema (2020-12) that accepts every record it read: types, fields that are
always there, formats that all texts have, and the values of fields that have few.
With --out config it prints a sluice.yaml with columns, a key and a field that
chooses the lane, where it finds them. Look it over: it knows what it has seen,
and no more. Lines that are no records are counted on stderr and do not end it.`,
		examples: `  sluice infer app.ndjson > event.schema.json
  zcat logs/*.gz | sluice infer --ranges
  sluice infer --dir pipeline app.ndjson.gz && cd pipeline && sluice check
  sluice infer --out config --table requests access.ndjson.zst
`,
		flags: new(inferOptions).flags, variables: []string{},
		run: func(ctx context.Context, p *process, args []string) error {
			var o inferOptions
			flags := o.flags()
			if err := p.parse("infer", flags, args); err != nil {
				return ignoreHelp(err)
			}
			o.files = flags.Args()
			if err := o.check(); err != nil {
				return err
			}
			return p.infer(ctx, o)
		},
	}
}

func (o *inferOptions) check() error {
	bad := func(format string, args ...any) error {
		return &usageError{command: "infer", message: fmt.Sprintf(format, args...)}
	}
	switch {
	case o.out != outSchema && o.out != outConfig:
		return bad("--out %q; expected schema or config", o.out)
	case o.limit < 0:
		return bad("--limit %d; expected a number of lines", o.limit)
	case o.table == "":
		return bad("--table is empty; expected a name")
	case len(o.files) > 1 && slices.Contains(o.files, "-"):
		return bad("- (stdin) stands beside files; expected one or the other")
	}
	return nil
}

// infer reads everything, tells about it, and writes what was asked for. What
// was read before an input broke off counts.
func (p *process) infer(ctx context.Context, o inferOptions) error {
	in := infer.New()
	skipped := skippedLines{}
	readErr := p.inferAll(ctx, in, o, skipped)
	skipped.tell(p.stderr)
	if in.Records() == 0 {
		return errors.Join(readErr, errors.New("there is no record in the input; expected lines with one JSON object each"))
	}
	fmt.Fprintf(p.stderr, "sluice: looked at %s records\n", humanize.Comma(in.Records()))
	for _, field := range in.Unsure() {
		fmt.Fprintf(p.stderr, "sluice: %s had no value twice for so long that it was given up to look; it may be a key\n", field)
	}
	return errors.Join(readErr, p.writeInferred(in, o))
}

func (p *process) inferAll(ctx context.Context, in *infer.Inference, o inferOptions, skipped skippedLines) error {
	if len(o.files) == 0 {
		o.files = []string{"-"}
	}
	var errs []error
	for _, name := range o.files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := p.inferFile(in, name, o.limit, skipped); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (p *process) inferFile(in *infer.Inference, name string, limit int64, skipped skippedLines) error {
	r := p.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		r = f
	}
	if _, err := in.Read(r, limit, func(s infer.Skipped) { skipped.add(name, s) }); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// writeInferred prints, or writes the files.
func (p *process) writeInferred(in *infer.Inference, o inferOptions) error {
	schema := in.Schema(infer.Options{Ranges: o.ranges})
	cfg := in.Config(infer.ConfigOptions{Schema: schemaFile, Table: o.table, Sink: sinkFor(o.table)})
	if o.dir == "" {
		text := schema
		if o.out == outConfig {
			text = cfg
		}
		_, err := p.stdout.Write(text)
		return err
	}
	if err := os.MkdirAll(o.dir, 0o777); err != nil {
		return err
	}
	if err := writeNew(filepath.Join(o.dir, schemaFile), schema); err != nil {
		return err
	}
	if err := writeNew(filepath.Join(o.dir, config.DefaultFile), cfg); err != nil {
		return errors.Join(err, os.Remove(filepath.Join(o.dir, schemaFile)))
	}
	fmt.Fprintf(p.stderr, "sluice: wrote %s and %s in %s\n", schemaFile, config.DefaultFile, o.dir)
	return nil
}

// sinkFor names the database of a table; a name that makes no file name does not
// become one.
func sinkFor(table string) string {
	for _, c := range table {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.", c) {
			return config.DefaultSink
		}
	}
	return "sqlite://" + table + ".db"
}

// writeNew writes a file that must not be there yet.
func writeNew(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; choose another folder, or remove it", path)
	}
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// skippedLines counts lines that are no records by their code, and keeps the
// first of each.
type skippedLines map[string]*skippedCount

type skippedCount struct {
	lines int64
	first string
}

func (s skippedLines) add(name string, skipped infer.Skipped) {
	code := string(skipped.Code)
	if s[code] == nil {
		s[code] = &skippedCount{first: fmt.Sprintf("%s:%d: %v", name, skipped.Line, skipped.Err)}
	}
	s[code].lines++
}

func (s skippedLines) tell(w io.Writer) {
	var codes []string
	for code := range s {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		fmt.Fprintf(w, "sluice: left out %s lines (%s); the first is %s\n", humanize.Comma(s[code].lines), code, s[code].first)
	}
}
