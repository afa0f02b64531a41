package telemetry

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"sluice/pipeline"
)

// setEnv gives the process exactly these OTEL_* variables for a test: the SDK
// reads them nowhere else.
func setEnv(t *testing.T, env map[string]string) {
	t.Helper()
	for _, kv := range os.Environ() {
		if k, _, _ := strings.Cut(kv, "="); strings.HasPrefix(k, "OTEL_") {
			t.Setenv(k, "")
		}
	}
	for k, v := range env {
		t.Setenv(k, v)
	}
}

// start is New for a test, which ends it.
func start(t *testing.T, cfg Config) *Telemetry {
	t.Helper()
	m, err := New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		given, cancel := context.WithCancel(context.Background())
		cancel()
		m.Shutdown(given)
	})
	return m
}

// manual returns a Telemetry and a function that collects by hand.
func manual(t testing.TB, cfg Config) (*Telemetry, func() picture) {
	t.Helper()
	reader := sdkmetric.NewManualReader()
	m, err := newTelemetry(context.Background(), cfg, reader, &warner{tell: cfg.Warn})
	if err != nil {
		t.Fatal(err)
	}
	return m, func() picture {
		var rm metricdata.ResourceMetrics
		if err := reader.Collect(context.Background(), &rm); err != nil {
			t.Error(err)
		}
		return pictureOf(rm)
	}
}

// picture is what was collected: instrument, then attributes, then value; for a
// histogram the number of its measurements.
type picture map[string]map[string]float64

func (p picture) set(name, attributes string, v float64) {
	if p[name] == nil {
		p[name] = map[string]float64{}
	}
	p[name][attributes] = v
}

func pictureOf(rm metricdata.ResourceMetrics) picture {
	p := picture{}
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Gauge[int64]:
				numbers(p, m.Name, d.DataPoints)
			case metricdata.Gauge[float64]:
				numbers(p, m.Name, d.DataPoints)
			case metricdata.Sum[int64]:
				numbers(p, m.Name, d.DataPoints)
			case metricdata.Sum[float64]:
				numbers(p, m.Name, d.DataPoints)
			case metricdata.Histogram[float64]:
				for _, point := range d.DataPoints {
					p.set(m.Name, label(point.Attributes), float64(point.Count))
				}
			}
		}
	}
	return p
}

func numbers[N int64 | float64](p picture, name string, points []metricdata.DataPoint[N]) {
	for _, point := range points {
		p.set(name, label(point.Attributes), float64(point.Value))
	}
}

func label(set attribute.Set) string {
	kv := map[string]string{}
	for _, a := range set.ToSlice() {
		kv[string(a.Key)] = a.Value.String()
	}
	return labels(kv)
}

// labels writes attributes as "sluice.lane=low sluice.stage=enrich".
func labels(kv map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(kv)) {
		out = append(out, k+"="+kv[k])
	}
	return strings.Join(out, " ")
}

// keys takes the values away from what labels wrote.
func keys(labels string) string {
	var out []string
	for kv := range strings.FieldsSeq(labels) {
		k, _, _ := strings.Cut(kv, "=")
		out = append(out, k)
	}
	return strings.Join(out, " ")
}

// load is a run of the real engine whose first stage holds its first batch until
// it is released. Of ten records enrich filters one and rejects one.
type load struct {
	pipeline *pipeline.Pipeline
	lines    []string
	entered  chan struct{} // the first stage has its first batch
	sent     chan struct{} // all records are in the pipeline
	release  chan struct{}
	done     chan error
}

func newLoad(t *testing.T, observer pipeline.Observer, records int) *load {
	t.Helper()
	l := &load{entered: make(chan struct{}), sent: make(chan struct{}), release: make(chan struct{}), done: make(chan error, 1)}
	var first sync.Once
	gate := pipeline.StageFunc(func(ctx context.Context, _ *pipeline.Batch) error {
		first.Do(func() { close(l.entered) })
		select {
		case <-l.release:
		case <-ctx.Done():
		}
		return nil
	})
	sift := pipeline.EachRecord(func(_ context.Context, r *pipeline.Record) error {
		switch r.Line() % 10 {
		case 0:
			r.Filter()
		case 1:
			r.Reject(&pipeline.RecordError{Code: pipeline.CodeRule, Message: "the first of ten"})
		}
		return nil
	})
	p, err := pipeline.New(pipeline.Config{
		Stages: []pipeline.StageConfig{
			{Name: "validate", Stage: gate, Workers: 1}, {Name: "enrich", Stage: sift, Workers: 3, Breaker: pipeline.BreakerConfig{Failures: 5}}, {Name: "persist"},
		},
		Sink: nullSink{}, Observer: observer,
	})
	if err != nil {
		t.Fatal(err)
	}
	l.pipeline = p
	for i := range records {
		l.lines = append(l.lines, fmt.Sprintf("{\"n\":%d,\"level\":%q}\n", i, []string{"fatal", "error", "info", "debug"}[i%4]))
	}
	return l
}

// Run implements pipeline.Source.
func (l *load) Run(ctx context.Context, feed pipeline.Feed) error {
	defer close(l.sent)
	rule := pipeline.LaneRule{Field: "level", Default: pipeline.LaneNormal, Map: map[string]pipeline.Lane{
		"fatal": pipeline.LaneCritical, "error": pipeline.LaneHigh, "debug": pipeline.LaneLow,
	}}
	in, err := feed.Intake(pipeline.Progress{Name: "lines"}, rule)
	if err != nil {
		return err
	}
	var line, position int64
	for part := range slices.Chunk(l.lines, 500) {
		c := pipeline.NewChunk()
		c.Bytes = append(c.Bytes, strings.Join(part, "")...)
		in.Begin(c)
		for raw := range bytes.Lines(c.Bytes) {
			line++
			in.Add(bytes.TrimSuffix(raw, []byte("\n")), position, line)
			position += int64(len(raw))
		}
		if err := in.Flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

// fill starts the run and returns when all records stand in it.
func (l *load) fill(t *testing.T) {
	t.Cleanup(func() { l.pipeline.Abort(nil) })
	go func() { l.done <- l.pipeline.Run(context.Background(), l) }()
	<-l.entered
	<-l.sent
}

// finish lets the records go and waits until they are settled.
func (l *load) finish(t *testing.T) {
	t.Helper()
	close(l.release)
	if err := <-l.done; err != nil {
		t.Fatal(err)
	}
}

type nullSink struct{}

func (nullSink) Write(context.Context, *pipeline.Group) (bool, error) { return true, nil }
func (nullSink) Flush(context.Context) error                          { return nil }

// fakeRun is a Run that stands where it is put.
type fakeRun struct {
	mu     sync.Mutex
	status pipeline.Status
}

func (r *fakeRun) Status() pipeline.Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

func (r *fakeRun) put(s pipeline.Status) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = s
}
