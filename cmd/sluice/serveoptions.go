package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/config"
)

// serveOptions are the flags of sluice serve that are no settings of the
// configuration.
type serveOptions struct {
	file     string
	useStdin bool
	follow   bool // the files
	settings config.Settings
	files    []string
}

func (o *serveOptions) flags() *pflag.FlagSet {
	flags := newFlags("serve")
	configFlag(flags, &o.file)
	flags.BoolVar(&o.useStdin, "stdin", false, "read records from stdin, too")
	followFlag(flags, &o.follow)
	o.settings.Register(flags)
	return flags
}

// check finds what contradicts itself before anything is opened.
func (o *serveOptions) check() error {
	if slices.Contains(o.files, "-") {
		return &usageError{command: "serve", message: "found -; expected files, and --stdin to read stdin"}
	}
	if o.follow {
		return checkFollow("serve", o.files, false)
	}
	if err := checkFiles("serve", o.files); err != nil {
		return err
	}
	for _, name := range o.files {
		if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
			return &usageError{command: "serve", message: fmt.Sprintf(
				"%s is no regular file, and what is read of it could not be kept from one run to the next; feed it through --stdin < %s", name, name)}
		}
	}
	return nil
}
