package telemetry

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
)

// DefaultServiceName is service.name unless OTEL_SERVICE_NAME or
// OTEL_RESOURCE_ATTRIBUTES says otherwise.
const DefaultServiceName = "sluice"

// newResource describes this process. What the environment says beats what we
// know ourselves. The command line stays out: a sink's URL may hold a password.
// Along with an error there is always a resource that can be used.
func newResource(ctx context.Context, cfg Config) (*resource.Resource, error) {
	service := []attribute.KeyValue{attribute.String("service.name", DefaultServiceName)}
	if cfg.Version != "" {
		service = append(service, attribute.String("service.version", cfg.Version))
	}
	if cfg.Instance != "" {
		service = append(service, attribute.String("service.instance.id", cfg.Instance))
	}
	r, err := resource.New(ctx,
		resource.WithTelemetrySDK(),
		resource.WithHost(),
		resource.WithOSType(),
		resource.WithProcessPID(),
		resource.WithProcessExecutableName(),
		resource.WithProcessRuntimeName(),
		resource.WithProcessRuntimeVersion(),
		resource.WithAttributes(service...),
		resource.WithFromEnv(),
	)
	if r == nil {
		r = resource.NewSchemaless(service...)
	}
	if errors.Is(err, resource.ErrSchemaURLConflict) {
		err = nil // versions of the same conventions; the attributes are there
	}
	return r, err
}
