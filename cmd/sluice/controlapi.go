package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/sourcegraph/conc"

	"sluice/cmd/sluice/internal/config"
	"sluice/control"
	"sluice/control/api"
)

// answerTime is how long clients may take, after the last run, to receive the
// answers that wait for them.
const answerTime = 5 * time.Second

// listen opens the control API's address, where there is to be one.
func (h *host) listen() error {
	address, chosen := h.loaded.Control.Address()
	if address == "" || h.quiet {
		return nil
	}
	listener, err := net.Listen("tcp", address)
	switch {
	case err == nil:
		h.listener = listener
		return nil
	case h.once && !chosen && errors.Is(err, syscall.EADDRINUSE):
		h.console.Notef("sluice: %s is taken, so this run cannot be steered; --listen names another address, off none", address)
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("listen on %s: another process listens there, perhaps a sluice (sluice ctl status tells); choose another address with --listen", address)
	}
	return fmt.Errorf("control API: %w", err)
}

func (h *host) closeListener() error {
	if h.listener == nil {
		return nil
	}
	return h.listener.Close()
}

// apiConfig is the control API of a configuration.
func apiConfig(loaded *config.Loaded, commander api.Commander) api.Config {
	address, _ := loaded.Control.Address()
	return api.Config{
		Commander: commander,
		Listen:    address,
		Token:     loaded.Token,
		Hosts:     loaded.Control.Hosts,
		Ready:     api.Ready{MaxDepth: loaded.Control.Ready.MaxDepth, MaxAge: time.Duration(loaded.Control.Ready.MaxAge)},
	}
}

// checkControl adds what is wrong with the control API to the configuration.
func checkControl(loaded *config.Loaded) {
	if address, _ := loaded.Control.Address(); address != "" {
		loaded.Add("control", apiConfig(loaded, control.New(control.Config{})).Validate())
	}
}

// serveAPI serves the control API until stop is called, which lets those who
// wait have their answers.
func (h *host) serveAPI(crew *conc.WaitGroup) (stop func(), err error) {
	if h.listener == nil {
		return func() {}, nil
	}
	cfg := apiConfig(h.loaded, h.controller)
	cfg.Poster = h.poster
	cfg.Metrics = h.metrics.Handler()
	cfg.DeadLetters = h.letters
	server, err := api.NewServer(cfg)
	if err != nil {
		return nil, err
	}
	crew.Go(func() {
		if err := server.Serve(h.listener); !errors.Is(err, http.ErrServerClosed) {
			h.warn(fmt.Sprintf("the control API ended: %v", err))
		}
	})
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), answerTime)
		defer cancel()
		if server.Shutdown(ctx) != nil {
			_ = server.Close() // who has not taken the answer by now gets none
		}
	}, nil
}

// url returns where the control API is, "" for nowhere.
func (h *host) url() string {
	if h.listener == nil {
		return ""
	}
	address := h.listener.Addr().(*net.TCPAddr)
	host := address.IP.String()
	if address.IP.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, fmt.Sprint(address.Port))
}
