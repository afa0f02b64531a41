package telemetry

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"sluice/pipeline"
)

// ShutdownTimeout is the longest that Shutdown takes, whatever the collector does.
const ShutdownTimeout = 5 * time.Second

// Config says what is measured. Where it goes is the matter of the OTEL_*
// variables. Every field may be left out.
type Config struct {
	Instance string // service.instance.id
	Version  string // service.version
	// SourceSize returns the bytes of the input, false while they are not known.
	// It is called once a collection, from any goroutine, and must not wait.
	SourceSize func() (bytes int64, ok bool)
	// SourceLag returns the bytes of followed files that have not been read, false
	// where none are followed; as SourceSize is.
	SourceLag func() (bytes int64, ok bool)
	// Console is where OTEL_METRICS_EXPORTER=console writes; nil for standard
	// output. Set it where standard output is for rows.
	Console io.Writer
	// Warn is told, in a sentence, what the exporter could not do: at most once in
	// WarnInterval. It is called from any goroutine and must not wait.
	Warn func(string)
}

// Telemetry measures the runs of a process. All methods may be called from any
// goroutine.
type Telemetry struct {
	provider *sdkmetric.MeterProvider
	observer *observer
	runs     *runs
	handler  http.Handler
}

// New sets the instruments up and starts the exporter that the environment
// names; nothing of it waits for a collector. The exporter's goroutine runs until
// Shutdown. The SDK has one error handler and one logger a process: New makes
// them speak through cfg.Warn.
func New(ctx context.Context, cfg Config) (*Telemetry, error) {
	w := &warner{tell: cfg.Warn}
	otel.SetErrorHandler(w)
	otel.SetLogger(logr.New(sdkLog{w}))
	reader, err := newReader(ctx, cfg.Console)
	if err != nil {
		return nil, err
	}
	return newTelemetry(ctx, cfg, reader, w)
}

// newTelemetry is New with an exporter's reader, nil for none.
func newTelemetry(ctx context.Context, cfg Config, reader sdkmetric.Reader, w *warner) (*Telemetry, error) {
	registry := prometheus.NewRegistry()
	page, err := promexporter.New(
		promexporter.WithRegisterer(registry),
		promexporter.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes),
		promexporter.WithoutScopeInfo(),
	)
	if err != nil {
		return nil, fmt.Errorf("set up /metrics: %w", err)
	}
	described, err := newResource(ctx, cfg)
	if err != nil {
		w.say(fmt.Sprintf("describe this process: %v", err))
	}
	options := []sdkmetric.Option{sdkmetric.WithResource(described), sdkmetric.WithReader(page)}
	if reader != nil {
		options = append(options, sdkmetric.WithReader(reader))
	}
	t := &Telemetry{
		provider: sdkmetric.NewMeterProvider(options...),
		handler:  promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorLog: w, ErrorHandling: promhttp.ContinueOnError}),
	}
	meter := t.provider.Meter("sluice")
	instruments, err := newInstruments(meter)
	if err != nil {
		return nil, err
	}
	attributes := newAttributes()
	t.observer = &observer{instruments: instruments, attributes: attributes}
	t.runs = &runs{instruments: instruments, attributes: attributes, sourceSize: cfg.SourceSize, sourceLag: cfg.SourceLag, state: pipeline.StateIdle}
	if _, err := meter.RegisterCallback(t.runs.observe, instruments.observables()...); err != nil {
		return nil, fmt.Errorf("register metrics callback: %w", err)
	}
	return t, nil
}

// Observer is what pipeline.Config.Observer takes. One serves all runs. A call
// costs two additions to a histogram at most, allocates nothing and waits for
// nobody outside the process.
func (t *Telemetry) Observer() pipeline.Observer { return t.observer }

// Follow makes a run the one that gauges tell about, until end is called or
// another is followed. Call it before the run begins, and end when it is over:
// its counts then go into the sums, so that counters never fall back when the
// next run starts from zero. end may be called more than once.
func (t *Telemetry) Follow(run Run) (end func()) { return t.runs.follow(run) }

// Handler serves the Prometheus page, whatever OTEL_METRICS_EXPORTER says.
func (t *Telemetry) Handler() http.Handler { return t.handler }

// Shutdown sends what has not been sent yet and stops the exporter. It takes at
// most ShutdownTimeout, less when ctx ends earlier; what is then still under way
// is given up. The error says that the last figures may not have arrived: it is
// no fault of the run.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, ShutdownTimeout)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- t.provider.Shutdown(ctx) }() // a writer that blocks does not heed ctx
	select {
	case err := <-done:
		if err != nil {
			return fmt.Errorf("send the last metrics: %w", err)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("send the last metrics: %w", ctx.Err())
	}
}
