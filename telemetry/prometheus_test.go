package telemetry

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// scrape reads the page as Prometheus does.
func scrape(t *testing.T, m *Telemetry) map[string]*dto.MetricFamily {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Fatalf("GET /metrics: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return families
}

func TestThePageHoldsEveryInstrumentWhateverTheExporterIs(t *testing.T) {
	for _, exporter := range []string{"", "none", "otlp"} {
		t.Run("exporter "+exporter, func(t *testing.T) {
			setEnv(t, map[string]string{envExporter: exporter, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": deadURL(t)})
			m := start(t, Config{
				SourceSize: func() (int64, bool) { return 1, true },
				SourceLag:  func() (int64, bool) { return 1, true },
			})
			l := newLoad(t, m.Observer(), lines)
			defer m.Follow(l.pipeline)()
			l.fill(t)
			l.finish(t)
			wantPage(t, scrape(t, m))
		})
	}
}

func wantPage(t *testing.T, families map[string]*dto.MetricFamily) {
	t.Helper()
	if families["target_info"] == nil {
		t.Error("target_info is missing: it holds the resource attributes")
	}
	delete(families, "target_info")
	kinds := map[kind]dto.MetricType{
		kindGauge: dto.MetricType_GAUGE, kindCounter: dto.MetricType_COUNTER, kindHistogram: dto.MetricType_HISTOGRAM,
	}
	for _, s := range table {
		f := families[s.prometheus]
		delete(families, s.prometheus)
		if f == nil {
			t.Errorf("%s is missing", s.prometheus)
			continue
		}
		if f.GetType() != kinds[s.kind] || f.GetHelp() != s.help {
			t.Errorf("%s is a %s with help %q, want a %s with %q", s.prometheus, f.GetType(), f.GetHelp(), s.kind, s.help)
		}
		var want []string
		for _, k := range s.attributes {
			want = append(want, strings.ReplaceAll(string(k), ".", "_"))
		}
		slices.Sort(want)
		for _, metric := range f.Metric {
			var got []string
			for _, l := range metric.Label {
				got = append(got, l.GetName())
			}
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s has the labels %q, want %q", s.prometheus, got, want)
			}
		}
	}
	for name := range families {
		t.Errorf("%s is not in the table", name)
	}
}

func TestLatencyBucketsGoFromATenthOfAMillisecondToAMinute(t *testing.T) {
	setEnv(t, nil)
	m := start(t, Config{})
	m.Observer().Settled(0, 1)
	buckets := scrape(t, m)["sluice_record_latency_seconds"].Metric[0].GetHistogram().Bucket
	var bounds []float64
	for _, b := range buckets[:len(buckets)-1] { // the last one has no bound
		bounds = append(bounds, b.GetUpperBound())
	}
	if !slices.Equal(bounds, latencyBuckets) || bounds[0] != 100e-6 || bounds[len(bounds)-1] != 60 {
		t.Errorf("the bounds are %v", bounds)
	}
}
