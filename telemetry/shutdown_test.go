package telemetry

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// TestACollectorThatNeverAnswersHoldsNoRecord runs the engine to its end while
// an export hangs. Nothing here waits for the collector, so the test ends only
// if no record does.
func TestACollectorThatNeverAnswersHoldsNoRecord(t *testing.T) {
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		t.Run(protocol, func(t *testing.T) {
			s := newSilence(t)
			setEnv(t, map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": s.url, "OTEL_EXPORTER_OTLP_PROTOCOL": protocol, "OTEL_METRIC_EXPORT_INTERVAL": "1",
			})
			m := start(t, Config{})
			<-s.accepted // the first export is under way, for the 30 s an export may take
			settles(t, m)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := m.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("shutdown: %v, want the deadline's error", err)
			}
		})
	}
}

func TestACollectorThatIsDownHoldsNoRecord(t *testing.T) {
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		t.Run(protocol, func(t *testing.T) {
			warned := make(chan string, 100)
			setEnv(t, map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": deadURL(t), "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
				"OTEL_METRIC_EXPORT_INTERVAL": "1", "OTEL_METRIC_EXPORT_TIMEOUT": "10",
			})
			m := start(t, Config{Warn: func(s string) { warned <- s }})
			t.Log(<-warned)
			settles(t, m)
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			if err := m.Shutdown(ctx); err == nil {
				t.Error("shutdown does not say that nothing arrived")
			}
		})
	}
}

// settles runs a load and checks that all of it was settled and measured.
func settles(t *testing.T, m *Telemetry) {
	t.Helper()
	l := newLoad(t, m.Observer(), lines)
	defer m.Follow(l.pipeline)()
	l.fill(t)
	l.finish(t)
	if c := l.pipeline.Status().Ledger.Counts; !c.Closes() || c.InFlight != 0 || c.Accepted != lines {
		t.Errorf("the ledger is %+v, want %d records settled", c, lines)
	}
	var batches uint64
	for _, lane := range scrape(t, m)["sluice_record_latency_seconds"].Metric {
		batches += lane.GetHistogram().GetSampleCount()
	}
	if batches == 0 {
		t.Error("no batch was measured")
	}
}

// stuck is an exporter that heeds no context.
type stuck struct{ release chan struct{} }

func (stuck) Temporality(k sdkmetric.InstrumentKind) metricdata.Temporality {
	return sdkmetric.DefaultTemporalitySelector(k)
}
func (stuck) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}
func (s stuck) Export(context.Context, *metricdata.ResourceMetrics) error { <-s.release; return nil }
func (stuck) ForceFlush(context.Context) error                            { return nil }
func (stuck) Shutdown(context.Context) error                              { return nil }

func TestShutdownTakesFiveSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		exporter := stuck{release: make(chan struct{})}
		m, err := newTelemetry(t.Context(), Config{}, sdkmetric.NewPeriodicReader(exporter), &warner{})
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		if err := m.Shutdown(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("shutdown: %v, want the deadline's error", err)
		}
		if d := time.Since(begin); d != ShutdownTimeout {
			t.Errorf("shutdown took %v, want %v", d, ShutdownTimeout)
		}
		close(exporter.release)
	})
}

func TestShutdownSendsWhatWasNotSentYet(t *testing.T) {
	c := &collector{}
	setEnv(t, map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": c.overHTTP(t)}) // once a minute
	m := start(t, Config{})
	settles(t, m)
	if err := m.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	got, _ := pictureOfOTLP(c.newest(t))
	wantRecords(t, got, 1)
}
