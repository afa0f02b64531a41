package telemetry

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	collectorpb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
)

// collector receives OTLP and keeps the newest export.
type collector struct {
	collectorpb.UnimplementedMetricsServiceServer

	mu   sync.Mutex
	last *metricspb.ResourceMetrics
}

// Export implements the gRPC service.
func (c *collector) Export(_ context.Context, r *collectorpb.ExportMetricsServiceRequest) (*collectorpb.ExportMetricsServiceResponse, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, rm := range r.ResourceMetrics {
		c.last = rm
	}
	return &collectorpb.ExportMetricsServiceResponse{}, nil
}

// ServeHTTP implements OTLP over HTTP with protobuf.
func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	request := &collectorpb.ExportMetricsServiceRequest{}
	if r.URL.Path != "/v1/metrics" || err != nil || proto.Unmarshal(body, request) != nil {
		http.Error(w, "not an export", http.StatusBadRequest)
		return
	}
	response, _ := c.Export(r.Context(), request)
	answer, _ := proto.Marshal(response)
	w.Header().Set("Content-Type", "application/x-protobuf")
	io.Copy(w, bytes.NewReader(answer))
}

// overGRPC and overHTTP serve the collector and return its URL.
func (c *collector) overGRPC(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	collectorpb.RegisterMetricsServiceServer(server, c)
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) })
	t.Cleanup(func() { server.Stop(); serving.Wait() })
	return "http://" + listener.Addr().String()
}

func (c *collector) overHTTP(t *testing.T) string {
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return server.URL
}

// newest returns the newest export.
func (c *collector) newest(t *testing.T) *metricspb.ResourceMetrics {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last == nil {
		t.Fatal("the collector has received nothing")
	}
	return c.last
}

// pictureOfOTLP is pictureOf for what a collector received. It also returns the
// instruments by name.
func pictureOfOTLP(rm *metricspb.ResourceMetrics) (picture, map[string]*metricspb.Metric) {
	p, found := picture{}, map[string]*metricspb.Metric{}
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			found[m.Name] = m
			points := m.GetGauge().GetDataPoints()
			if m.GetSum() != nil {
				points = m.GetSum().DataPoints
			}
			for _, point := range points {
				v := point.GetAsDouble()
				if n, ok := point.Value.(*metricspb.NumberDataPoint_AsInt); ok {
					v = float64(n.AsInt)
				}
				p.set(m.Name, labels(plain(point.Attributes)), v)
			}
			for _, point := range m.GetHistogram().GetDataPoints() {
				p.set(m.Name, labels(plain(point.Attributes)), float64(point.Count))
			}
		}
	}
	return p, found
}

func plain(attributes []*commonpb.KeyValue) map[string]string {
	kv := map[string]string{}
	for _, a := range attributes {
		kv[a.Key] = a.Value.GetStringValue()
	}
	return kv
}

// silence is a collector that accepts connections and never answers.
type silence struct {
	url      string
	accepted chan struct{} // the first connection is there
}

func newSilence(t *testing.T) *silence {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &silence{url: "http://" + listener.Addr().String(), accepted: make(chan struct{})}
	var accepting sync.WaitGroup
	accepting.Go(func() {
		for n := 0; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			if n == 0 {
				close(s.accepted)
			}
		}
	})
	t.Cleanup(func() { listener.Close(); accepting.Wait() })
	return s
}

// deadURL is where nobody listens.
func deadURL(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String()
}
