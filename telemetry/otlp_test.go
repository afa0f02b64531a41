package telemetry

import (
	"maps"
	"slices"
	"strings"
	"testing"

	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"

	"sluice/pipeline"
)

const lines = 3000

// TestACollectorReceivesEveryInstrument sends to a real receiver over each
// transport, while the engine is full, when it has drained and when the run is over.
func TestACollectorReceivesEveryInstrument(t *testing.T) {
	for protocol, serve := range map[string]func(*collector, *testing.T) string{
		"grpc":          (*collector).overGRPC,
		"http/protobuf": (*collector).overHTTP,
	} {
		t.Run(protocol, func(t *testing.T) {
			c := &collector{}
			setEnv(t, map[string]string{
				"OTEL_EXPORTER_OTLP_ENDPOINT": serve(c, t), "OTEL_EXPORTER_OTLP_PROTOCOL": protocol,
				"OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
			})
			m := start(t, Config{
				Instance: "i-1", Version: "1.2.3", Warn: func(s string) { t.Error(s) },
				SourceSize: func() (int64, bool) { return 4711, true },
				SourceLag:  func() (int64, bool) { return 42, true },
			})
			receives(t, m, c)
		})
	}
}

func receives(t *testing.T, m *Telemetry, c *collector) {
	export := func() (picture, map[string]*metricspb.Metric) {
		if err := m.provider.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
		return pictureOfOTLP(c.newest(t))
	}
	l := newLoad(t, m.Observer(), lines)
	end := m.Follow(l.pipeline)
	l.fill(t)
	full, _ := export()
	wantDepths(t, full, l.pipeline.Status())

	l.finish(t)
	drained, found := export()
	wantDepths(t, drained, l.pipeline.Status())
	wantTable(t, drained, found)
	wantRecords(t, drained, 1)
	resource := plain(c.newest(t).Resource.Attributes)
	for k, want := range map[string]string{
		"service.name": "sluice", "service.version": "1.2.3", "service.instance.id": "i-1", "deployment.environment.name": "test",
	} {
		if resource[k] != want {
			t.Errorf("resource: %s is %q, want %q", k, resource[k], want)
		}
	}

	end()
	over, _ := export()
	wantRecords(t, over, 1)
	for _, row := range []int{queueDepth, queueCapacity, queueSize, queueAge, stageWorkers, pipelineBottleneck} {
		if got := over[table[row].name]; len(got) > 0 {
			t.Errorf("between runs %s still reports %v", table[row].name, got)
		}
	}
	if over["sluice.pipeline.state"]["sluice.state=stopped"] != 1 {
		t.Errorf("after the run the state is %v, want stopped", over["sluice.pipeline.state"])
	}

	again := newLoad(t, m.Observer(), lines)
	defer m.Follow(again.pipeline)()
	again.fill(t)
	again.finish(t)
	twice, _ := export()
	wantRecords(t, twice, 2)
}

// wantDepths compares the queues with the engine's own picture of a moment in
// which nothing moves.
func wantDepths(t *testing.T, got picture, s pipeline.Status) {
	t.Helper()
	waiting := 0
	for _, stage := range s.Stages {
		for l, lane := range stage.Lanes {
			at := labels(map[string]string{"sluice.stage": stage.Name, "sluice.lane": pipeline.Lane(l).String()})
			waiting += lane.Depth
			for name, want := range map[string]int64{
				"sluice.queue.depth": int64(lane.Depth), "sluice.queue.capacity": int64(lane.Capacity), "sluice.queue.size": lane.Bytes,
			} {
				if v, ok := got[name][at]; !ok || v != float64(want) {
					t.Errorf("%s of %s is %v (found: %v), want %d", name, at, v, ok, want)
				}
			}
			if age := got["sluice.queue.age"][at]; (age > 0) != (lane.Depth > 0) {
				t.Errorf("sluice.queue.age of %s is %v with %d records waiting", at, age, lane.Depth)
			}
		}
	}
	if s.Ledger.InFlight > 0 && (waiting < lines/2 || waiting >= lines) {
		t.Errorf("the load left %d of %d records waiting: this test needs most of them to", waiting, lines)
	}
}

// wantRecords checks the counters after so many whole runs.
func wantRecords(t *testing.T, got picture, runs int) {
	t.Helper()
	sum := map[string]float64{}
	for at, n := range got["sluice.stage.records"] {
		kv := map[string]string{}
		for pair := range strings.FieldsSeq(at) {
			k, v, _ := strings.Cut(pair, "=")
			kv[k] = v
		}
		sum[kv["sluice.stage"]+" "+kv["sluice.outcome"]] += n
	}
	want := map[string]float64{}
	for _, stage := range []string{"validate", "enrich", "persist"} {
		for _, outcome := range outcomeNames {
			want[stage+" "+outcome] = 0
		}
	}
	n := float64(lines * runs)
	want["validate ok"], want["enrich ok"], want["persist ok"] = n, n*8/10, n*8/10
	want["enrich dead"], want["enrich filtered"] = n/10, n/10
	if !maps.Equal(sum, want) {
		t.Errorf("sluice.stage.records after %d runs: %v, want %v", runs, sum, want)
	}
}

// wantTable looks for every row of table with its kind, unit and attributes, and
// for nothing else.
func wantTable(t *testing.T, got picture, found map[string]*metricspb.Metric) {
	t.Helper()
	for _, s := range table {
		m := found[s.name]
		delete(found, s.name)
		if m == nil {
			t.Errorf("%s did not arrive", s.name)
			continue
		}
		if m.Unit != s.unit || m.Description != s.help {
			t.Errorf("%s has unit %q and description %q, want %q and %q", s.name, m.Unit, m.Description, s.unit, s.help)
		}
		if kind := kindOf(m); kind != s.kind {
			t.Errorf("%s is a %s, want a %s", s.name, kind, s.kind)
		}
		var want []string
		for _, k := range s.attributes {
			want = append(want, string(k))
		}
		slices.Sort(want)
		for at := range got[s.name] {
			if keys(at) != strings.Join(want, " ") {
				t.Errorf("%s has the attributes %q, want %q", s.name, keys(at), want)
			}
		}
	}
	for name := range found {
		t.Errorf("%s is not in the table", name)
	}
}

func kindOf(m *metricspb.Metric) kind {
	switch {
	case m.GetSum() != nil && m.GetSum().IsMonotonic:
		return kindCounter
	case m.GetHistogram() != nil:
		return kindHistogram
	case m.GetGauge() != nil:
		return kindGauge
	}
	return "something else"
}
