package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"sluice/cmd/sluice/internal/config"
)

const exitCodeHelp = `Exit codes:
  0  drained: the input came to its end and every record is accounted for
  1  it failed
  2  usage or configuration
  3  records were left unfinished, or the source was cut short
  4  there were dead letters (only with --fail-on-dead), or values that do not fit (check --schema)
  5  stopped by a signal before the input's end; all that was read is accounted for
`

func helpCommand() *command {
	return &command{
		name: "help", synopsis: "[command]", short: "explain a command",
		run: func(_ context.Context, p *process, args []string) error {
			if len(args) == 0 || args[0] == "help" {
				p.overview(p.stdout)
				return nil
			}
			c, err := findCommand(args[0])
			if err != nil {
				return err
			}
			c.help(p.stdout)
			return nil
		},
	}
}

// overview lists the commands.
func (p *process) overview(w io.Writer) {
	var b strings.Builder
	b.WriteString("sluice takes NDJSON in and puts clean rows out: validated, enriched, urgent ones first.\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(&b, "  %-8s %s\n", c.name, c.short)
	}
	b.WriteString("\nTry it:\n  echo '{\"level\":\"info\",\"text\":\"hello\"}' | sluice run\n\nsluice help run explains the flags, the configuration and the exit codes.\n")
	_, _ = io.WriteString(w, b.String()) // nobody is left to tell
}

// help explains one command.
func (c *command) help(w io.Writer) {
	var b strings.Builder
	fmt.Fprintf(&b, "sluice %s %s\n\n%s\n", c.name, c.synopsis, strings.TrimSpace(c.long))
	if c.flags != nil {
		fmt.Fprintf(&b, "\nFlags:\n%s", c.flags().FlagUsages())
		switch {
		case c.variables == nil:
			fmt.Fprintf(&b, "\nEnvironment (beats the file, flags beat it):\n  %s\n", strings.Join(config.Variables(), " "))
		case len(c.variables) > 0:
			fmt.Fprintf(&b, "\nEnvironment:\n  %s\n", strings.Join(c.variables, " "))
		}
	}
	if c.examples != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s", c.examples)
	}
	if c.flags != nil {
		b.WriteString("\n" + exitCodeHelp)
	}
	_, _ = io.WriteString(w, b.String())
}
