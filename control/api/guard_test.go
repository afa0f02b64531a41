package api

import (
	"errors"
	"net"
	"net/http"
	"strings"
	"testing"

	"sluice/pipeline"
)

const secret = "s3cret-token"

func guarded(t *testing.T, change func(*Config)) http.Handler {
	t.Helper()
	cfg := Config{Commander: commander{}, Poster: posterFunc(nil), Metrics: http.NotFoundHandler()}
	change(&cfg)
	h, err := NewHandler(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestOnceATokenIsSetEverythingButLivezNeedsIt(t *testing.T) {
	h := guarded(t, func(c *Config) { c.Token = secret })
	for _, r := range []request{
		{method: "POST", path: "/v1/start"}, {method: "POST", path: "/v1/stop"},
		{method: "POST", path: "/v1/pause"}, {method: "POST", path: "/v1/resume"},
		{method: "POST", path: "/v1/stages/enrich/pause"}, {method: "POST", path: "/v1/stages/enrich/resume"},
		{method: "PATCH", path: "/v1/stages/enrich"}, {method: "GET", path: "/v1/status"},
		{method: "POST", path: "/v1/records"}, {method: "GET", path: "/readyz"}, {method: "GET", path: "/metrics"},
		{method: "GET", path: "/"}, {method: "DELETE", path: "/v1/start"}, {method: "GET", path: "/livez/x"},
	} {
		got := do(t, h, r).want(401, "unauthorized").says("Authorization: Bearer TOKEN")
		if got.header.Get("WWW-Authenticate") != `Bearer realm="sluice"` {
			t.Errorf("%s: WWW-Authenticate is %q", got.what, got.header.Get("WWW-Authenticate"))
		}
		if strings.Contains(got.body, secret) {
			t.Errorf("%s gives the token away: %s", got.what, got.body)
		}
	}
	do(t, h, request{method: "GET", path: "/livez"}).want(200, "").has("status", `"alive"`)
}

func TestTokens(t *testing.T) {
	h := guarded(t, func(c *Config) { c.Token = secret })
	for _, test := range []struct {
		name, header string
		status       int
		code         string
	}{
		{"the right one", "Bearer " + secret, 200, ""},
		{"the scheme in lower case", "bearer " + secret, 200, ""},
		{"none", "", 401, "unauthorized"},
		{"an empty one", "Bearer ", 401, "unauthorized"},
		{"a wrong one", "Bearer other", 401, "unauthorized"},
		{"the beginning of it", "Bearer " + secret[:5], 401, "unauthorized"},
		{"more than it", "Bearer " + secret + "x", 401, "unauthorized"},
		{"another scheme", "Basic " + secret, 401, "unauthorized"},
		{"no scheme", secret, 401, "unauthorized"},
	} {
		t.Run(test.name, func(t *testing.T) {
			do(t, h, request{method: "GET", path: "/v1/status", header: map[string]string{"Authorization": test.header}}).want(test.status, test.code)
		})
	}
}

func TestPagesOfAnotherOriginAreRefused(t *testing.T) {
	h := guarded(t, func(*Config) {})
	for _, test := range []struct {
		name   string
		header map[string]string
		status int
		code   string
	}{
		{"a program that is no browser", nil, 200, ""},
		{"a page of another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "cross_origin"},
		{"a page of another port", map[string]string{"Sec-Fetch-Site": "same-site"}, 403, "cross_origin"},
		{"our own page", map[string]string{"Sec-Fetch-Site": "same-origin"}, 200, ""},
		{"an old browser with another origin", map[string]string{"Origin": "https://evil.example"}, 403, "cross_origin"},
		{"an old browser with no origin to tell", map[string]string{"Origin": "null"}, 403, "cross_origin"},
		{"an old browser on our own page", map[string]string{"Origin": "http://127.0.0.1:7420"}, 200, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, r := range []request{{method: "POST", path: "/v1/stop"}, {method: "POST", path: "/v1/records"}} {
				r.header = test.header
				do(t, h, r).want(test.status, test.code)
			}
		})
	}
}

func TestHosts(t *testing.T) {
	h := newHosts("10.1.2.3:7420", []string{"Sluice.Example.com.", "fd00::7"})
	h.addresses = func() ([]net.Addr, error) {
		return []net.Addr{
			&net.IPNet{IP: net.ParseIP("192.168.7.9"), Mask: net.CIDRMask(24, 32)},
			&net.IPNet{IP: net.ParseIP("fe80::1"), Mask: net.CIDRMask(64, 128)},
		}, nil
	}
	for host, want := range map[string]bool{
		"127.0.0.1:7420":          true,
		"127.0.0.1":               true,
		"127.9.9.9:80":            true,
		"localhost:7420":          true,
		"LOCALHOST":               true,
		"localhost.":              true,
		"[::1]:7420":              true,
		"[::1]":                   true,
		"[::ffff:127.0.0.1]":      true,
		"10.1.2.3:7420":           true,
		"sluice.example.com":      true,
		"SLUICE.example.com:443":  true,
		"[fd00::7]:7420":          true,
		"192.168.7.9:7420":        true,
		"[fe80::1]:7420":          true,
		"192.168.7.8:7420":        false,
		"10.1.2.4":                false,
		"0.0.0.0:7420":            false,
		"evil.example":            false,
		"localhost.evil.example":  false,
		"127.0.0.1.nip.io":        false,
		"x.sluice.example.com":    false,
		"":                        false,
		"2130706433":              false, // 127.0.0.1 as one number
		"sluice.example.com@evil": false,
	} {
		if got := h.known(&http.Request{Host: host}); got != want {
			t.Errorf("Host %q: known is %v, want %v", host, got, want)
		}
	}
	h.addresses = func() ([]net.Addr, error) { return nil, errors.New("no") }
	if h.known(&http.Request{Host: "192.168.7.9"}) {
		t.Error("an address was known though the machine's cannot be listed")
	}
}

func TestAHostThatIsNotOursIsRefusedEverywhere(t *testing.T) {
	h := guarded(t, func(c *Config) { c.Token = secret })
	for _, r := range []request{
		{method: "GET", path: "/livez"}, {method: "GET", path: "/v1/status"},
		{method: "POST", path: "/v1/records"}, {method: "GET", path: "/nowhere"},
	} {
		r.header = map[string]string{"Host": "rebound.evil.example:7420", "Authorization": "Bearer " + secret}
		do(t, h, r).want(421, "wrong_host").says(`"rebound.evil.example:7420"`).says("control.hosts")
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		host := net.JoinHostPort(a.(*net.IPNet).IP.String(), "7420")
		do(t, h, request{method: "GET", path: "/livez", header: map[string]string{"Host": host}}).want(200, "")
	}
}

func TestAnAddressBeyondLoopbackNeedsAToken(t *testing.T) {
	for _, test := range []struct {
		addr, token string
		says        string // "" when it may be listened on
	}{
		{"", "", ""},
		{"127.0.0.1:7420", "", ""},
		{"127.0.0.2:0", "", ""},
		{"localhost:7420", "", ""},
		{"[::1]:7420", "", ""},
		{"0.0.0.0:7420", secret, ""},
		{":7420", secret, ""},
		{"0.0.0.0:7420", "", "0.0.0.0:7420 can be reached from other machines, and there is no token: set SLUICE_TOKEN"},
		{":7420", "", "can be reached from other machines"},
		{"[::]:7420", "", "can be reached from other machines"},
		{"192.168.1.7:7420", "", "can be reached from other machines"},
		{"sluice.example.com:7420", "", "can be reached from other machines"},
		{"localhost.example.com:7420", "", "can be reached from other machines"},
		{"7420", "", `the listen address is "7420"; expected HOST:PORT`},
		{"127.0.0.1:7420", "two words", "which a header cannot carry"},
		{"127.0.0.1:7420", "l1ne\n", "which a header cannot carry"},
		{"127.0.0.1:7420", "gehörig", "which a header cannot carry"},
	} {
		err := CheckListen(test.addr, test.token)
		if (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("listen on %q with token %q: %v, want %q", test.addr, test.token, err, test.says)
		}
		if err != nil && test.token != "" && strings.Contains(err.Error(), strings.TrimSpace(test.token)) {
			t.Errorf("the refusal gives the token away: %v", err)
		}
		// The server refuses by itself as well, whoever forgot to ask.
		if _, err := NewServer(Config{Commander: commander{}, Listen: test.addr, Token: test.token}); (err == nil) != (test.says == "") {
			t.Errorf("a server for %q with token %q: %v", test.addr, test.token, err)
		}
	}
}

func TestAllMistakesOfTheConfigurationAreReportedAtOnce(t *testing.T) {
	_, err := NewServer(Config{
		Listen: "0.0.0.0:7420",
		Hosts:  []string{"ok.example.com", "https://no.example.com", "*.example.com", ""},
		Ready:  Ready{MaxDepth: -1, MaxAge: -1},
	})
	var keys strings.Builder
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		mistake, ok := errors.AsType[*pipeline.ConfigError](e)
		if !ok {
			t.Fatalf("%v is a %T", e, e)
		}
		keys.WriteString(" " + mistake.Key)
	}
	if keys.String() != " commander listen hosts hosts hosts ready.max_depth ready.max_age" {
		t.Errorf("the keys are%s", keys.String())
	}
}
