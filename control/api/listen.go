package api

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// CheckListen says why sluice must not listen on addr with this token: an
// address that other machines can reach needs one. Call it before listening.
func CheckListen(addr, token string) error {
	return errors.Join(checkListen(addr, token), checkToken(token))
}

func checkListen(addr, token string) error {
	if addr == "" {
		addr = DefaultListen
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("the listen address is %q; expected HOST:PORT such as %s, or off", addr, DefaultListen)
	}
	if isLoopback(host) || token != "" {
		return nil
	}
	return fmt.Errorf("the listen address %s can be reached from other machines, and there is no token: "+
		"set SLUICE_TOKEN to a secret that callers send as \"Authorization: Bearer ...\", or listen on %s", addr, DefaultListen)
}

// checkToken refuses what no client could send.
func checkToken(token string) error {
	for _, c := range []byte(token) {
		if c <= ' ' || c >= 0x7f {
			return errors.New("the token has a space, a line end or a character beyond ASCII, which a header cannot carry: " +
				"use letters and digits, and check the file or variable for a line end")
		}
	}
	return nil
}

// isLoopback says whether a host, without port, is this machine as nobody else
// sees it.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
