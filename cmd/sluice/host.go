package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sourcegraph/conc"

	"sluice/cmd/sluice/internal/config"
	"sluice/cmd/sluice/internal/summary"
	"sluice/control"
	"sluice/control/api"
	"sluice/pipeline"
	"sluice/telemetry"
)

// answerTime is how long clients may take, after the last run, to receive the
// answers that wait for them.
const answerTime = 5 * time.Second

// host is what sluice run and sluice serve have in common: a control loop with
// its runs, the control API, metrics and signals.
type host struct {
	*plan
	console *summary.Console
	once    bool       // one run, which ends the process
	quiet   bool       // no control API whatever the configuration says
	poster  api.Poster // nil where no records come in over HTTP
	memory  int64      // bytes that records may take beside the budget
	// opened and ended are called for each run, one after the other; the job is
	// nil for a run that could not be opened.
	opened func(*job)
	ended  func(*job, pipeline.Status, error)

	instance   string
	metrics    *telemetry.Telemetry
	listener   net.Listener // nil for no control API
	controller *control.Controller
	job        *job         // of the run; its goroutine's
	unfollow   func()       // ends the metrics' view of the run; its goroutine's
	size       atomic.Int64 // of the run's input in bytes, -1 while unknown
}

// set makes what outlives a run. The caller calls close when it returns nil.
func (h *host) set(ctx context.Context) (err error) {
	h.instance = instance()
	h.size.Store(-1)
	if err := h.listen(); err != nil {
		return err
	}
	h.metrics, err = telemetry.New(ctx, telemetry.Config{
		Instance: h.instance,
		Version:  buildVersion(),
		Console:  h.stderr,
		Warn:     h.warn,
		SourceSize: func() (int64, bool) {
			n := h.size.Load()
			return n, n >= 0
		},
	})
	if err != nil {
		return errors.Join(config.Problems{{Origin: "environment", Message: err.Error()}}, h.closeListener())
	}
	h.observer = h.metrics.Observer()
	h.controller = control.New(control.Config{
		Open: h.openRun, OnEnd: h.runEnded, Instance: h.instance, Version: buildVersion(), Once: h.once,
	})
	return nil
}

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

// run runs the control loop until ctx ends or, with once, until the run does. It
// returns what Loop returns. begin, when set, is called beside the loop.
func (h *host) run(ctx context.Context, begin func(context.Context) error) (err error) {
	defer h.limitMemory(int64(h.loaded.Budget) + h.memory)()
	var crew conc.WaitGroup
	stopServing, err := h.serveAPI(&crew)
	if err != nil {
		return errors.Join(err, h.closeListener())
	}
	ctx, unwatch := onSignals(ctx, h.controller, h.loaded.DrainTimeout, h.console)
	defer unwatch()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var beginErr error
	if begin != nil {
		crew.Go(func() {
			if beginErr = begin(ctx); beginErr != nil {
				cancel(beginErr)
			}
		})
	}
	err = h.controller.Loop(ctx)
	stopServing()
	crew.Wait()
	if told := h.metrics.Shutdown(context.WithoutCancel(ctx)); told != nil {
		h.warn(told.Error() + "; records are not affected")
	}
	if beginErr != nil {
		return beginErr
	}
	return err
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

// openRun opens a run for the control loop.
func (h *host) openRun(ctx context.Context) (*control.Run, error) {
	h.job = nil
	j, err := h.open(ctx)
	if err != nil {
		return nil, err
	}
	h.job = j
	_, size := j.source.Progress()
	h.size.Store(size)
	h.unfollow = h.metrics.Follow(j.pipeline)
	h.opened(j)
	return &control.Run{Pipeline: j.pipeline, Source: j.source, Close: j.close}, nil
}

// runEnded is told by the control loop how a run went.
func (h *host) runEnded(s pipeline.Status, err error) {
	if h.job != nil {
		h.unfollow()
	}
	h.ended(h.job, s, err)
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

// ledgerError says that a run's account does not add up.
func ledgerError(l pipeline.Ledger) error {
	if l.Closes() {
		return nil
	}
	return fmt.Errorf("the ledger does not close: %+v; this is a bug in sluice", l.Counts)
}
