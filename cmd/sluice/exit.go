package main

import (
	"errors"
	"fmt"

	"github.com/dustin/go-humanize"

	"sluice/cmd/sluice/internal/config"
	"sluice/control/api"
	"sluice/pipeline"
)

// The exit codes. They are a contract.
const (
	exitDone    = 0 // drained, the input at its end, the ledger closes
	exitFailed  = 1 // it failed
	exitUsage   = 2 // usage or configuration
	exitLeft    = 3 // records were left, or the source was cut short
	exitDead    = 4 // there were dead letters, with --fail-on-dead; values did not fit, with check --schema
	exitStopped = 5 // stopped by a signal; all that was read is accounted for
)

// usageError is a mistake on the command line.
type usageError struct {
	command string // whose help to look at, "" for the overview
	message string
}

func (e *usageError) Error() string {
	help := "sluice help"
	if e.command != "" {
		help += " " + e.command
	}
	return fmt.Sprintf("%s (see %s)", e.message, help)
}

// deadError says that --fail-on-dead found dead letters.
type deadError int64

func (n deadError) Error() string {
	return fmt.Sprintf("--fail-on-dead: there are dead letters: %s", humanize.Comma(int64(n)))
}

// leftError says that records were left unfinished; it wraps why.
type leftError struct {
	records int64
	err     error
}

func (e *leftError) Error() string {
	return fmt.Sprintf("%v; records left unfinished: %s", e.err, humanize.Comma(e.records))
}

func (e *leftError) Unwrap() error { return e.err }

// exitCode is the one place that turns an outcome into a code.
func exitCode(err error) int {
	switch {
	case err == nil:
		return exitDone
	case isA[*usageError](err), isA[config.Problems](err), isA[*pipeline.ConfigError](err), isA[*api.ParameterError](err):
		return exitUsage
	case errors.Is(err, pipeline.ErrDrainTimeout),
		errors.Is(err, pipeline.ErrAborted),
		errors.Is(err, pipeline.ErrSourceTruncated):
		return exitLeft
	case errors.Is(err, pipeline.ErrStopped):
		return exitStopped
	case isA[deadError](err), isA[unfitError](err):
		return exitDead
	}
	return exitFailed
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
