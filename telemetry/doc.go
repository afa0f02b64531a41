// Package telemetry measures pipelines through OpenTelemetry: the instruments
// of docs/metrics.md, an exporter that the standard OTEL_* variables choose, and
// a Prometheus page of our own. What a record costs does not depend on where the
// figures go: a batch adds to histograms in memory, everything else is read from
// the engine's own account when somebody collects, and exporters run beside.
package telemetry
