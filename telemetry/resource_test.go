package telemetry

import (
	"strings"
	"testing"
)

func TestTheResourceNamesThisProcess(t *testing.T) {
	known := Config{Instance: "i-1", Version: "1.2.3"}
	for name, tc := range map[string]struct {
		env    map[string]string
		want   map[string]string
		failed bool
	}{
		"of its own": {want: map[string]string{
			"service.name": "sluice", "service.version": "1.2.3", "service.instance.id": "i-1", "process.runtime.name": "go"}},
		"with a service name": {
			env:  map[string]string{"OTEL_SERVICE_NAME": "orders"},
			want: map[string]string{"service.name": "orders", "service.version": "1.2.3"}},
		"with attributes of the environment": {
			env:  map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "service.name=a,service.instance.id=b,team=c", "OTEL_SERVICE_NAME": "d"},
			want: map[string]string{"service.name": "d", "service.instance.id": "b", "team": "c"}},
		"with attributes that are not": {
			env:    map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "team"},
			want:   map[string]string{"service.name": "sluice"},
			failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			setEnv(t, tc.env)
			r, err := newResource(t.Context(), known)
			if (err != nil) != tc.failed {
				t.Errorf("error %v, want one: %v", err, tc.failed)
			}
			got := map[string]string{}
			for _, kv := range r.Attributes() {
				got[string(kv.Key)] = kv.Value.String()
			}
			for k, want := range tc.want {
				if got[k] != want {
					t.Errorf("%s is %q, want %q", k, got[k], want)
				}
			}
			for k := range got {
				if strings.HasPrefix(k, "process.command") {
					t.Errorf("%s is sent: a command line may hold a password", k)
				}
			}
			for _, k := range []string{"host.name", "process.pid", "telemetry.sdk.version"} {
				if got[k] == "" {
					t.Errorf("%s is missing", k)
				}
			}
		})
	}
}
