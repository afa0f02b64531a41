package client

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"sluice/cmd/sluice/internal/config"
)

// ListenVariable is the variable that says where a sluice of this machine
// listens.
const ListenVariable = config.Prefix + "LISTEN"

// Target returns the URL of the sluice to talk to: the one given, else that of
// ListenVariable, else that of the default port.
func Target(given, listen string) (*url.URL, error) {
	switch {
	case given != "":
		return parse(given)
	case listen == config.ListenOff:
		return nil, fmt.Errorf("%s is %s: no sluice of this environment listens; name one with --url", ListenVariable, config.ListenOff)
	case listen != "":
		return fromListen(listen)
	}
	return fromListen(config.DefaultListen)
}

// parse takes a URL, or host:port alone.
func parse(given string) (*url.URL, error) {
	text := given
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	switch {
	case err != nil:
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err
		}
		return nil, fmt.Errorf("--url: %w; expected a URL such as http://%s", err, config.DefaultListen)
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("--url: found %q; expected a URL such as http://%s", config.Redact(given), config.DefaultListen)
	}
	return u, nil
}

// fromListen turns the address that a sluice listens on into one to dial: every
// address of this machine stands for the loopback.
func fromListen(listen string) (*url.URL, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, fmt.Errorf("%s is %q; expected host:port such as %s", ListenVariable, listen, config.DefaultListen)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip.Is6() {
			host = "::1"
		}
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}, nil
}
