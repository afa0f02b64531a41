package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// do asks a handler, without a network.
func do(t *testing.T, h http.Handler, r request) *reply {
	t.Helper()
	var body *strings.Reader
	req := httptest.NewRequestWithContext(t.Context(), r.method, r.path, nil)
	if r.body != "" {
		body = strings.NewReader(r.body)
		req = httptest.NewRequestWithContext(t.Context(), r.method, r.path, body)
	}
	req.Host = "127.0.0.1:7420"
	for name, value := range r.header {
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, req)
	out := &reply{t: t, what: r.method + " " + r.path, status: rec.Code, header: rec.Header()}
	return out.read(rec.Body.Bytes())
}
