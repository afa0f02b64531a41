package client

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"sluice/control"
)

func TestTarget(t *testing.T) {
	for name, tt := range map[string]struct{ given, listen, want string }{
		"nothing is said":                   {"", "", "http://127.0.0.1:7420"},
		"an address is given":               {"host:80", ":1", "http://host:80"},
		"a URL is given":                    {"https://host/below", ":1", "https://host/below"},
		"one listens on a port":             {"", ":8080", "http://127.0.0.1:8080"},
		"one listens on all IPv4 addresses": {"", "0.0.0.0:8080", "http://127.0.0.1:8080"},
		"one listens on all IPv6 addresses": {"", "[::]:8080", "http://[::1]:8080"},
		"one listens on a name":             {"", "sluice.example:8080", "http://sluice.example:8080"},
		"one listens nowhere":               {"", "off", ""},
		"one listens on nonsense":           {"", "nonsense", ""},
		"a URL that is none":                {"http://[", "", ""},
		"a URL without a host":              {"http://", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			u, err := Target(tt.given, tt.listen)
			if tt.want == "" {
				if err == nil {
					t.Errorf("the target is %v; expected an error", u)
				}
				return
			}
			if err != nil || u.String() != tt.want {
				t.Errorf("the target is %v, %v; want %s", u, err, tt.want)
			}
		})
	}
}

func TestAnAnswerWithoutEndIsCut(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := w.Write([]byte(strings.Repeat(" ", 1<<16))); err != nil {
				return
			}
		}
	}))
	defer server.Close()
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(base, "").Do(t.Context(), Request{Method: "GET", Path: "/v1/status"}); err == nil || !strings.Contains(err.Error(), "is no sluice") {
		t.Errorf("the error is %v", err)
	}
}

func TestTheContextEndsACall(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer server.Close()
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	why := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	if _, err := New(base, "").Do(ctx, Request{Method: "GET", Path: "/v1/status"}); !errors.Is(err, why) {
		t.Errorf("the error is %v", err)
	}
}

func TestBriefNamesWhatWasLeft(t *testing.T) {
	s := control.Status{State: "failed", Runs: 4}
	if got := Brief(s); got != "failed; run 4: accepted 0, persisted 0, dead 0, in flight 0" {
		t.Error(got)
	}
	s.Ledger.Left = 1234
	if got := Brief(s); !strings.HasSuffix(got, ", left 1,234") {
		t.Error(got)
	}
}
