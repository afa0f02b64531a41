package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"sluice/cmd/sluice/internal/client"
	"sluice/pipeline"
)

// ctl runs one command line of sluice ctl. Whom it talked to goes to stderr
// where stdout is for JSON.
func (p *process) ctl(ctx context.Context, o ctlOptions, flags *pflag.FlagSet) error {
	verb, request, err := o.request(flags)
	if err != nil {
		return err
	}
	c, target, err := p.dial(o)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	if o.watch {
		return p.watch(ctx, o, c, target, request)
	}
	answer, err := p.ask(ctx, c, verb, request)
	if err != nil {
		return err
	}
	if err := p.print(o, strings.Join(flags.Args(), " "), answer, target); err != nil {
		return err
	}
	return verdict(o, verb, answer)
}

func (p *process) ask(ctx context.Context, c *client.Client, verb string, r client.Request) (client.Answer, error) {
	if verb != "start" && verb != "stop" {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, statusTimeout, fmt.Errorf("no answer within %v", statusTimeout))
		defer cancel()
	}
	answer, err := c.Do(ctx, r)
	return answer, explain(err)
}

// watch prints the status until it is interrupted.
func (p *process) watch(ctx context.Context, o ctlOptions, c *client.Client, target *url.URL, r client.Request) error {
	tick := time.NewTicker(time.Duration(o.interval))
	defer tick.Stop()
	for {
		answer, err := p.ask(ctx, c, "status", r)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if !o.json && isTerminal(p.stdout) {
			fmt.Fprint(p.stdout, "\x1b[H\x1b[2J") // home, clear
		}
		if err := p.print(o, "status", answer, target); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// print prints what a command came to: the status in full or in one line.
func (p *process) print(o ctlOptions, command string, a client.Answer, target *url.URL) error {
	who := fmt.Sprintf("%s at %s\n", client.Who(a.Status), target.Redacted())
	if o.json {
		fmt.Fprint(p.stderr, who)
		return p.printJSON(o, a)
	}
	if _, err := fmt.Fprint(p.stdout, who); err != nil {
		return err
	}
	if command == "status" {
		if err := client.Write(p.stdout, a.Status, time.Now()); err != nil || !o.watch || isTerminal(p.stdout) {
			return err
		}
		_, err := fmt.Fprintln(p.stdout)
		return err
	}
	under := ""
	if a.UnderWay {
		under = "under way: "
	}
	_, err := fmt.Fprintf(p.stdout, "%s: %s%s\n", command, under, client.Brief(a.Status))
	return err
}

// printJSON prints the status as it came, one line for each when watching.
func (p *process) printJSON(o ctlOptions, a client.Answer) error {
	var b bytes.Buffer
	form := json.Indent(&b, a.Raw, "", "  ")
	if o.watch {
		b.Reset()
		form = json.Compact(&b, a.Raw)
	}
	if form != nil {
		return form
	}
	_, err := fmt.Fprintf(p.stdout, "%s\n", bytes.TrimSpace(b.Bytes()))
	return err
}

// verdict is the error of a command that was taken and did not come to what a
// script that goes on would count on.
func verdict(o ctlOptions, verb string, a client.Answer) error {
	switch s := a.Status; {
	case a.UnderWay && !o.noWait:
		return fmt.Errorf("%s: still under way; see sluice ctl status", verb)
	case verb == "stop" && !o.noWait && !o.now && s.Ledger.Left > 0:
		return &leftError{records: s.Ledger.Left, err: fmt.Errorf("stop: %w", pipeline.ErrDrainTimeout)}
	case verb == "stop" && !o.noWait && !o.now && s.State == pipeline.StateFailed:
		return errors.New("stop: the run has failed: " + s.LastError)
	}
	return nil
}
