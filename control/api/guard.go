package api

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
)

// guard refuses who must not be served: a Host that is not this machine's, a
// caller without the token, a page of another origin, in this order.
type guard struct {
	next    http.Handler
	hosts   *hosts
	token   [sha256.Size]byte // its hash, so that the comparison tells nothing of its length
	asks    bool              // for the token
	origins *http.CrossOriginProtection
}

func newGuard(cfg Config, next http.Handler) *guard {
	return &guard{
		next:    next,
		hosts:   newHosts(cfg.Listen, cfg.Hosts),
		token:   sha256.Sum256([]byte(cfg.Token)),
		asks:    cfg.Token != "",
		origins: http.NewCrossOriginProtection(),
	}
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p := g.refuse(r); p != nil {
		if p.Status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Bearer realm="sluice"`)
		}
		p.write(w)
		return
	}
	g.next.ServeHTTP(w, r)
}

func (g *guard) refuse(r *http.Request) *Problem {
	if !g.hosts.known(r) {
		return problem(http.StatusMisdirectedRequest, "wrong_host", fmt.Sprintf(
			"the request is for the host %q, which is neither the listen address nor a name or address of this machine: "+
				"use the address sluice listens on, or add the name to control.hosts", r.Host))
	}
	if g.asks && r.URL.Path != "/livez" && !g.authorized(r) {
		return problem(http.StatusUnauthorized, "unauthorized",
			`this sluice asks for a token: send "Authorization: Bearer TOKEN" with the value of its SLUICE_TOKEN`)
	}
	if err := g.origins.Check(r); err != nil {
		return problem(http.StatusForbidden, "cross_origin",
			"a browser sent this from a page of another origin: "+err.Error()+"; call sluice from its own origin or from a program that is no browser")
	}
	return nil
}

func (g *guard) authorized(r *http.Request) bool {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	sum := sha256.Sum256([]byte(strings.TrimSpace(token)))
	same := subtle.ConstantTimeCompare(sum[:], g.token[:]) == 1
	return same && strings.EqualFold(scheme, "Bearer")
}
