package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"sluice/cmd/sluice/internal/config"
)

func main() {
	// With SIGPIPE ignored, a write to a closed stdout is an error that can be
	// told like any other, instead of the process's silent end.
	signal.Ignore(syscall.SIGPIPE)
	err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ())
	if err != nil {
		fmt.Fprintf(os.Stderr, "sluice: %s\n", config.Redact(err.Error()))
	}
	os.Exit(exitCode(err))
}

// process is what a command may touch of the process it runs in.
type process struct {
	stdin   io.Reader
	stdout  io.Writer
	stderr  io.Writer
	environ map[string]string
}

// run runs one command line. The error is for a person and for exitCode;
// everything else has been written. Cancelling ctx with pipeline.ErrStopped as
// its cause does what a first signal does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, environ []string) error {
	p := &process{stdin: stdin, stdout: stdout, stderr: stderr, environ: config.Environment(environ)}
	if len(args) == 0 {
		p.overview(stderr)
		return &usageError{message: "there is no command; expected one of those above"}
	}
	switch args[0] {
	case "-h", "--help":
		args[0] = "help"
	case "--version":
		args[0] = "version"
	}
	c, err := findCommand(args[0])
	if err != nil {
		return err
	}
	return c.run(ctx, p, args[1:])
}
