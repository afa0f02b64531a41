package main

import (
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/config"
	"sluice/stages/ingest"
)

// defaultLimit is how many records a dry run shows.
const defaultLimit = 10

// options are the flags of sluice run that are no settings of the
// configuration.
type options struct {
	file       string // of the configuration, "" for the default
	report     string // "" for none, "-" for stdout
	fromStart  bool
	dryRun     bool
	limit      int64
	failOnDead bool
	follow     bool // the files
	settings   config.Settings
	files      []string // none for stdin, or for source.follow
	useStdin   bool     // it was asked for, by -
}

// configFlag defines -c, which means the same in every command.
func configFlag(flags *pflag.FlagSet, file *string) {
	flags.StringVarP(file, "config", "c", "", "configuration `FILE`; without it sluice.yaml of the working directory, or the defaults")
}

func (o *options) flags() *pflag.FlagSet {
	flags := newFlags("run")
	configFlag(flags, &o.file)
	flags.StringVar(&o.report, "report", "", "write the account of the run as JSON to `FILE`, - for stdout")
	flags.BoolVar(&o.fromStart, "from-start", false, "read files again that an earlier run has finished or begun")
	flags.BoolVar(&o.dryRun, "dry-run", false, "print rows and dead letters on stdout and change nothing")
	flags.Int64Var(&o.limit, "limit", defaultLimit, "with --dry-run: end after `N` records, 0 for all")
	flags.BoolVar(&o.failOnDead, "fail-on-dead", false, "exit with 4 when there were dead letters")
	followFlag(flags, &o.follow)
	o.settings.Register(flags)
	return flags
}

// followFlag defines --follow, which means the same in every command.
func followFlag(flags *pflag.FlagSet, follow *bool) {
	flags.BoolVar(follow, "follow", false, "go on reading the files, or the files of quoted patterns, as they grow and are rotated; without files those of source.follow")
}

// check finds what contradicts itself before anything is opened.
func (o *options) check(flags *pflag.FlagSet) error {
	bad := func(format string, args ...any) error {
		return &usageError{command: "run", message: fmt.Sprintf(format, args...)}
	}
	if flags.Changed("limit") && !o.dryRun {
		return bad("--limit is for --dry-run; without it a run takes all records")
	}
	if o.limit < 0 {
		return bad("--limit %d; expected a number of records, or 0 for all", o.limit)
	}
	if slices.Contains(o.files, "-") {
		if len(o.files) > 1 {
			return bad("- (stdin) stands beside files; expected one or the other")
		}
		o.files, o.useStdin = nil, true
	}
	if o.follow {
		if o.dryRun {
			return bad("--follow does not end, and --dry-run shows the first records: leave one of them out")
		}
		return checkFollow("run", o.files, o.useStdin)
	}
	return checkFiles("run", o.files)
}

// checkFollow finds names that cannot be followed. Without any the configuration
// may have them, unless stdin was asked for.
func checkFollow(command string, names []string, stdin bool) error {
	if stdin {
		return followsNothing(command)
	}
	if err := ingest.CheckFollow(names); err != nil {
		return &usageError{command: command, message: err.Error()}
	}
	return nil
}

// followsNothing is the mistake of a --follow that has nothing to follow.
func followsNothing(command string) error {
	return &usageError{command: command, message: "--follow needs files, or patterns in quotes such as '/var/log/app/*.ndjson', here or as source.follow of the configuration; stdin is read for as long as it lasts without it"}
}

// checkFiles finds arguments of a command that are no files.
func checkFiles(command string, names []string) error {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			return &usageError{command: command, message: err.Error()}
		}
		if info.IsDir() {
			return &usageError{command: command, message: fmt.Sprintf("%s is a directory; expected files, such as %s/*.ndjson", name, strings.TrimSuffix(name, "/"))}
		}
	}
	return nil
}
