package api

import (
	"net/http"
	"time"
)

// Limits of a connection.
const (
	readHeaderTimeout = 10 * time.Second
	idleTimeout       = 2 * time.Minute
	maxHeaderBytes    = 16 << 10
)

// NewServer makes the server. Serve it on a listener that CheckListen has
// nothing against. Stop the control loop before Shutdown: the posts that wait
// are answered when their records are settled or the run is over.
func NewServer(cfg Config) (*http.Server, error) {
	handler, err := NewHandler(cfg)
	if err != nil {
		return nil, err
	}
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
	}, nil
}

// NewHandler makes the API without its server, with all its checks but the
// limits of headers and idle connections, which are the server's.
func NewHandler(cfg Config) (http.Handler, error) {
	cfg = cfg.withDefaults()
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &server{cfg: cfg, remembered: newMemory()}
	return &deadlines{
		next:  newGuard(cfg, s.routes()),
		read:  cfg.ReadTimeout,
		write: cfg.WriteTimeout,
	}, nil
}

// server is what the handlers share.
type server struct {
	cfg        Config
	remembered *memory
}
