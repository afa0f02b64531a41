package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/spf13/pflag"

	"sluice/pipeline"
	"sluice/stages/persist/ndjson"
	"sluice/stages/validate"
)

// schemaOptions are the flags of sluice check --schema.
type schemaOptions struct {
	draft, format, errors string
	remotes               []string // DIR=URL
}

// schemaFlags are their names.
var schemaFlags = []string{"draft", "format", "errors", "remotes"}

func (o *schemaOptions) register(flags *pflag.FlagSet) {
	flags.StringVar(&o.draft, "draft", validate.DefaultDraft, "with --schema: `DRAFT` of a schema without $schema: "+strings.Join(validate.Drafts, ", "))
	flags.StringVar(&o.format, "format", validate.FormatAnnotate, "with --schema: `MODE` of the keyword format: assert makes a string fail that has another one, annotate does not")
	flags.StringVar(&o.errors, "errors", validate.ErrorsAll, "with --schema: `WHICH` errors of a value are told: first or all")
	flags.StringArrayVar(&o.remotes, "remotes", nil, "with --schema: look web addresses that begin with URL up in the folder DIR, as `DIR=URL`; may be repeated. Nothing is fetched")
}

// options returns how the schema is to be read.
func (o *schemaOptions) options() (validate.Options, error) {
	options := validate.Options{Draft: draftName(o.draft), Format: o.format, Remotes: map[string]string{}}
	bad := func(format string, args ...any) (validate.Options, error) {
		return options, &usageError{command: "check", message: fmt.Sprintf(format, args...)}
	}
	if o.errors != validate.ErrorsFirst && o.errors != validate.ErrorsAll {
		return bad("--errors %q; expected %s or %s", o.errors, validate.ErrorsFirst, validate.ErrorsAll)
	}
	for _, remote := range o.remotes {
		dir, url, ok := cutRemote(remote)
		if !ok {
			return bad("--remotes %q; expected DIR=URL, such as ./schemas=https://example.com/schemas/", remote)
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return bad("--remotes %q: there is no folder %s", remote, dir)
		}
		if other, twice := options.Remotes[url]; twice && other != dir {
			return bad("--remotes has %s twice, for %s and for %s; expected one folder for each address", url, other, dir)
		}
		options.Remotes[url] = dir
	}
	var mistake *pipeline.ConfigError
	if errors.As(options.Validate(), &mistake) {
		return bad("--%s: %s", mistake.Key, mistake.Message)
	}
	return options, nil
}

// draftName takes off what people write around the name of a draft.
func draftName(given string) string {
	return strings.TrimLeft(strings.TrimPrefix(strings.ToLower(given), "draft"), "-0")
}

// cutRemote cuts DIR=URL. The other way round is taken as well, since only one of
// them begins like a web address.
func cutRemote(text string) (dir, url string, ok bool) {
	for _, scheme := range []string{"http://", "https://"} {
		if strings.HasPrefix(text, scheme) {
			url, dir, ok = strings.Cut(text, "=")
			return dir, url, ok && dir != ""
		}
		if at := strings.Index(text, "="+scheme); at > 0 {
			return text[:at], text[at+1:], true
		}
	}
	return "", "", false
}

// asksForVerdicts says whether a command line of sluice check is about values and
// a schema, and about no configuration. The error is a mix of both.
func (o *checkOptions) asksForVerdicts(flags *pflag.FlagSet) (bool, error) {
	var others []string
	flags.Visit(func(f *pflag.Flag) {
		if f.Name != "schema" && !slices.Contains(schemaFlags, f.Name) {
			others = append(others, "--"+f.Name)
		}
	})
	bad := func(format string, args ...any) (bool, error) {
		return false, &usageError{command: "check", message: fmt.Sprintf(format, args...)}
	}
	if flags.Changed("schema") && len(others) == 0 {
		return true, nil
	}
	for _, name := range schemaFlags {
		if flags.Changed(name) && len(others) > 0 {
			return bad("--%s stands beside %s; with --schema alone values are checked, otherwise a configuration", name, others[0])
		}
		if flags.Changed(name) {
			return bad("--%s is for checking values; name their schema with --schema", name)
		}
	}
	if flags.NArg() > 0 {
		return bad("found %q; check takes no files without --schema alone, which says what to check them against; name a configuration with -c", flags.Arg(0))
	}
	return false, nil
}

// unfitError says that values did not fit their schema.
type unfitError struct{ unfit, all int64 }

func (e unfitError) Error() string {
	return fmt.Sprintf("%s of %s values do not fit the schema", humanize.Comma(e.unfit), humanize.Comma(e.all))
}

// verdicts checks the values in files, one a line, and prints a verdict for each.
func (p *process) verdicts(path string, o schemaOptions, files []string) error {
	options, err := o.options()
	if err != nil {
		return err
	}
	if err := checkFiles("check", slices.DeleteFunc(slices.Clone(files), isStdin)); err != nil {
		return err
	}
	schema, err := validate.OpenSchema(path, options)
	if err != nil {
		return &pipeline.ConfigError{Key: "--schema", Message: err.Error()}
	}
	if len(files) == 0 {
		files = []string{"-"}
	}
	v := newVerdictWriter(p.stdout, schema, o.errors == validate.ErrorsAll)
	for _, name := range files {
		if len(files) > 1 {
			v.file = name
		}
		if err := p.eachVerdict(v, name); err != nil {
			return err
		}
	}
	if err := v.flush(); err != nil {
		return ndjson.ExplainStdout(err)
	}
	if v.unfit > 0 {
		return unfitError{v.unfit, v.all}
	}
	return nil
}

func isStdin(name string) bool { return name == "-" }

// eachVerdict writes the verdicts on one file.
func (p *process) eachVerdict(v *verdictWriter, name string) error {
	in := p.stdin
	if !isStdin(name) {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	lines := newLineReader(in, v.flush)
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if err := v.verdict(lines.number, line); err != nil {
			return ndjson.ExplainStdout(err)
		}
	}
}
