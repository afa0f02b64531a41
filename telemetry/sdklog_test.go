package telemetry

import (
	"slices"
	"testing"
)

func TestMistakesInTheEnvironmentAreNamedWithoutSecrets(t *testing.T) {
	setEnv(t, map[string]string{
		envExporter: "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://user:geheim@[bad", "OTEL_EXPORTER_OTLP_HEADERS": "geheim",
		"OTEL_METRIC_EXPORT_INTERVAL": "soon", "OTEL_EXPORTER_OTLP_CERTIFICATE": "none.pem",
	})
	var told []string
	start(t, Config{Warn: func(s string) { told = append(told, s) }})
	slices.Sort(told)
	told = slices.Compact(told)
	want := []string{
		"metrics: OpenTelemetry: parse duration (environment variable OTEL_METRIC_EXPORT_INTERVAL): strconv.ParseInt: parsing \"soon\": invalid syntax",
		"metrics: OpenTelemetry: parse headers: missing '=",
		"metrics: OpenTelemetry: parse url: missing ']' in host",
		"metrics: OpenTelemetry: read tls ca cert file (file none.pem): open none.pem: no such file or directory",
	}
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}
