package api

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// hosts decides to which names the server answers. A page of another site that
// lets its own name point at this machine (DNS rebinding) sends that name, and
// is refused.
type hosts struct {
	names map[string]bool // lower case, without port and final dot
	// addresses lists those of the machine.
	addresses func() ([]net.Addr, error)
}

func newHosts(listen string, more []string) *hosts {
	h := &hosts{names: map[string]bool{}, addresses: net.InterfaceAddrs}
	if host, _, err := net.SplitHostPort(listen); err == nil && host != "" {
		h.names[plain(host)] = true
	}
	for _, name := range more {
		h.names[plain(name)] = true
	}
	return h
}

// checkHost says what is wrong with a configured name, "" for nothing.
func checkHost(name string) string {
	if plain(name) == "" || strings.ContainsAny(name, "/*:@ ") && net.ParseIP(name) == nil {
		return fmt.Sprintf("%q; expected the name that clients use, such as sluice.example.com, without scheme, port or wildcard", name)
	}
	return ""
}

// plain takes the port, brackets and the final dot off a host.
func plain(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}

// known says whether the request names this machine.
func (h *hosts) known(r *http.Request) bool {
	host := plain(r.Host)
	if h.names[host] || isLoopback(host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && h.own(ip.Unmap())
}

// own says whether the address is one of the machine's.
func (h *hosts) own(ip netip.Addr) bool {
	addrs, err := h.addresses()
	if err != nil {
		return false
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Unmap() == ip {
			return true
		}
	}
	return false
}
