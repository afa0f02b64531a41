package telemetry

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"go.opentelemetry.io/contrib/exporters/autoexport"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// envExporter is the variable that names the exporter.
const envExporter = "OTEL_METRICS_EXPORTER"

// newReader returns the reader behind the exporter that the OTEL_* variables of
// the process choose, nil for none. Nothing is sent anywhere unless
// OTEL_METRICS_EXPORTER or an OTLP endpoint is set. The SDK reads these variables
// from the process itself, so that every one of the specification works.
func newReader(ctx context.Context, console io.Writer) (sdkmetric.Reader, error) {
	exporter := os.Getenv(envExporter)
	switch {
	case strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true"):
		return nil, nil
	case exporter == "" && !endpointSet():
		return nil, nil
	case exporter == "console" && console != nil:
		e, err := stdoutmetric.New(stdoutmetric.WithWriter(console))
		if err != nil {
			return nil, fmt.Errorf("start metrics exporter console: %w", err)
		}
		return sdkmetric.NewPeriodicReader(e), nil
	}
	r, err := autoexport.NewMetricReader(ctx)
	if err != nil {
		return nil, fmt.Errorf("start metrics exporter: %s is %q: %w; "+
			"%[1]s takes otlp, prometheus, console or none, and OTEL_EXPORTER_OTLP_PROTOCOL grpc or http/protobuf",
			envExporter, exporter, err)
	}
	if autoexport.IsNoneMetricReader(r) {
		return nil, nil
	}
	return r, nil
}

func endpointSet() bool {
	return os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT") != "" || os.Getenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") != ""
}
