package main

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the linker; see the Makefile.
var version string

func versionCommand() *command {
	return &command{
		name: "version", short: "print the version",
		long: "Prints the version, the Go release it was built with and the platform.",
		run: func(_ context.Context, p *process, args []string) error {
			flags := newFlags("version")
			if err := p.parse("version", flags, args); err != nil {
				return ignoreHelp(err)
			}
			_, err := fmt.Fprintf(p.stdout, "sluice %s %s %s/%s\n", buildVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}

// buildVersion returns the linker's version, else what go build recorded.
func buildVersion() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

func ignoreHelp(err error) error {
	if err == errHelp {
		return nil
	}
	return err
}
