package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/config"
)

// command is one word after sluice.
type command struct {
	name     string
	synopsis string // what follows its name
	short    string // one line for the overview
	long     string // what help says beneath the synopsis
	examples string
	flags    func() *pflag.FlagSet // nil for none; for help only
	// variables are those that the command reads; nil for all of the
	// configuration, an empty list for none.
	variables []string
	run       func(ctx context.Context, p *process, args []string) error
}

// commands returns all commands in the order of the overview.
func commands() []*command {
	return []*command{runCommand(), serveCommand(), ctlCommand(), deadCommand(), checkCommand(), inferCommand(), benchCommand(), versionCommand(), helpCommand()}
}

func findCommand(name string) (*command, error) {
	var names []string
	for _, c := range commands() {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	message := fmt.Sprintf("unknown command %q", name)
	if near := config.Nearest(name, names); near != "" {
		message += fmt.Sprintf("; did you mean %s?", near)
	} else if _, err := os.Stat(name); err == nil {
		message += fmt.Sprintf("; did you mean sluice run %s?", name)
	} else {
		message += "; expected " + strings.Join(names, ", ")
	}
	return nil, &usageError{message: message}
}

// errHelp says that help was asked for and printed.
var errHelp = errors.New("help")

// newFlags returns an empty flag set that leaves all printing to parse.
func newFlags(name string) *pflag.FlagSet {
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.SortFlags = false
	flags.SetOutput(io.Discard)
	flags.Usage = func() {}
	return flags
}

// parse reads the flags of a command. errHelp means that its help was printed
// on stdout; the caller has nothing more to do.
func (p *process) parse(name string, flags *pflag.FlagSet, args []string) error {
	err := flags.Parse(args)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pflag.ErrHelp):
		c, err := findCommand(name)
		if err != nil {
			return err
		}
		c.help(p.stdout)
		return errHelp
	}
	message := err.Error()
	if e, ok := errors.AsType[*pflag.NotExistError](err); ok {
		var known []string
		flags.VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		message = "unknown flag --" + e.GetSpecifiedName()
		if e.GetSpecifiedShortnames() != "" {
			message = fmt.Sprintf("unknown flag -%s in -%s", e.GetSpecifiedName(), e.GetSpecifiedShortnames())
		} else if near := config.Nearest(e.GetSpecifiedName(), known); near != "" {
			message += fmt.Sprintf("; did you mean --%s?", near)
		}
	} else if e, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		message = fmt.Sprintf("--%s: %v", e.GetFlag().Name, e.Unwrap())
	}
	return &usageError{command: name, message: message}
}
