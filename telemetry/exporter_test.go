package telemetry

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"strings"
	"testing"
)

func TestTheEnvironmentChoosesTheExporter(t *testing.T) {
	for name, tc := range map[string]struct {
		env  map[string]string
		none bool
		err  string
	}{
		"nothing is set":                   {none: true},
		"none":                             {env: map[string]string{envExporter: "none"}, none: true},
		"none beats an endpoint":           {env: map[string]string{envExporter: "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}, none: true},
		"a disabled SDK beats all":         {env: map[string]string{envExporter: "otlp", "OTEL_SDK_DISABLED": "TRUE"}, none: true},
		"a protocol alone sends nothing":   {env: map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, none: true},
		"an endpoint":                      {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}},
		"an endpoint for metrics":          {env: map[string]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://127.0.0.1:1"}},
		"an endpoint with gRPC":            {env: map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}},
		"otlp to its own default endpoint": {env: map[string]string{envExporter: "otlp"}},
		"console":                          {env: map[string]string{envExporter: "console"}},
		"an exporter that does not exist":  {env: map[string]string{envExporter: "graphite"}, err: `OTEL_METRICS_EXPORTER is "graphite"`},
		"a protocol that does not exist":   {env: map[string]string{envExporter: "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "smtp"}, err: "OTEL_EXPORTER_OTLP_PROTOCOL grpc or http/protobuf"},
	} {
		t.Run(name, func(t *testing.T) {
			setEnv(t, tc.env)
			r, err := newReader(t.Context(), nil)
			if r != nil {
				ended, cancel := context.WithCancel(t.Context())
				cancel()
				defer r.Shutdown(ended)
			}
			switch {
			case tc.err != "":
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("error %v, want one with %q", err, tc.err)
				}
			case err != nil:
				t.Error(err)
			case (r == nil) != tc.none:
				t.Errorf("reader %v, want none: %v", r, tc.none)
			}
		})
	}
}

func TestTheConsoleExporterWritesWhereItIsTold(t *testing.T) {
	setEnv(t, map[string]string{envExporter: "console"})
	var out bytes.Buffer
	m := start(t, Config{Console: &out})
	if err := m.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !json.Valid(out.Bytes()) || !strings.Contains(out.String(), "sluice.pipeline.state") {
		t.Errorf("the console shows %q", out.String())
	}
}

func TestThePrometheusExporterListensWhereTheEnvironmentSays(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close()
	setEnv(t, map[string]string{envExporter: "prometheus", "OTEL_EXPORTER_PROMETHEUS_HOST": host, "OTEL_EXPORTER_PROMETHEUS_PORT": port})
	m := start(t, Config{})
	response, err := http.Get("http://" + net.JoinHostPort(host, port) + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var page bytes.Buffer
	page.ReadFrom(response.Body)
	if !strings.Contains(page.String(), "sluice_pipeline_state{") {
		t.Errorf("%s shows %q", response.Request.URL, page.String())
	}
	if scrape(t, m)["sluice_pipeline_state"] == nil {
		t.Error("our own page is gone")
	}
}
