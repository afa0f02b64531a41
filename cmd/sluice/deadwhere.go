package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sluice/cmd/sluice/internal/client"
	"sluice/cmd/sluice/internal/config"
	"sluice/control"
	"sluice/control/api"
	"sluice/pipeline"
	"sluice/stages/persist"
)

// detectTimeout is how long a sluice at the control address may take to say whose
// dead letters it has.
const detectTimeout = 2 * time.Second

// deadPlace is where the dead letters of a command are.
type deadPlace struct {
	api.DeadLetters
	loaded *config.Loaded // nil when they are behind --url
	remote bool           // behind the API of a sluice
}

// deadPlace finds them.
func (p *process) deadPlace(ctx context.Context, o deadOptions, verb string) (*deadPlace, error) {
	loaded := config.Load(config.Input{File: o.file, Environ: p.environ, Flags: o.settings})
	if o.url != "" {
		target, err := client.Target(o.url, "")
		if err != nil {
			return nil, deadUsage("%v", err)
		}
		return &deadPlace{DeadLetters: client.Letters{Client: client.New(target, loaded.Token)}, remote: true}, nil
	}
	for _, w := range loaded.Warnings {
		fmt.Fprintln(p.stderr, "sluice: warning: "+w)
	}
	if err := loaded.Err(); err != nil {
		return nil, err
	}
	here := &deadPlace{DeadLetters: &letterDesk{loaded: loaded}, loaded: loaded}
	address, _ := loaded.Control.Address()
	if address == "" {
		return here, nil
	}
	target, err := client.Target("", address)
	if err != nil {
		return here, nil
	}
	c := client.New(target, loaded.Token)
	ctx, cancel := context.WithTimeout(ctx, detectTimeout)
	defer cancel()
	answer, err := c.Do(ctx, client.Request{Method: http.MethodGet, Path: "/v1/status"})
	if refused, ok := errors.AsType[*client.RefusedError](err); ok && refused.Code == http.StatusUnauthorized {
		fmt.Fprintf(p.stderr, "sluice: the one at %s asks for a token (%s); going straight to the sink\n", target.Redacted(), config.TokenVariable)
	}
	if err != nil || !mayGoThrough(answer.Status, persist.LettersID(persistConfig(loaded)), verb) {
		return here, nil
	}
	fmt.Fprintf(p.stderr, "sluice: through %s at %s\n", client.Who(answer.Status), target.Redacted())
	return &deadPlace{DeadLetters: client.Letters{Client: c}, loaded: loaded, remote: true}, nil
}

// mayGoThrough says whether a sluice has the same dead letters and can do what the
// command asks. One without a run replays nothing.
func mayGoThrough(s control.Status, id, verb string) bool {
	switch {
	case id == "" || s.DeadLetters != id:
		return false
	case verb == "replay":
		return s.State == pipeline.StateRunning || s.State == pipeline.StatePaused
	}
	return true
}
