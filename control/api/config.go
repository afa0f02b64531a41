package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"sluice/control"
	"sluice/pipeline"
)

// Defaults of Config.
const (
	DefaultListen       = "127.0.0.1:7420"
	DefaultMaxBodyBytes = 256 << 20 // as it is sent, which may be compressed
	DefaultReadTimeout  = 30 * time.Second
	DefaultWriteTimeout = 30 * time.Second
)

// Commander takes commands; *control.Controller is one. It is called by many
// goroutines at once.
type Commander interface {
	Do(ctx context.Context, cmd control.Command) (control.Answer, error)
}

// Poster takes a body of records in. It reads the body to its end, or to where
// it cannot go on, and returns when the sender is to be answered. The result is
// true beside an error. It is called by many goroutines at once, and holds each
// back by reading no further while there is no room.
//
// The body has a method SetReadDeadline(time.Time) error, which calls a read
// off. An error that says where the body broke off has a method BodyLine() int64,
// the first line, from 1, that was not taken in.
type Poster interface {
	Post(ctx context.Context, body io.Reader, o pipeline.PostOptions) (pipeline.PostResult, error)
}

// Config is what the API needs.
type Config struct {
	Commander Commander
	Poster    Poster       // nil when this process takes no records over HTTP
	Metrics   http.Handler // for GET /metrics; nil for none
	// DeadLetters are those of the sink; nil where the process gives no access to them.
	DeadLetters DeadLetters
	Listen      string   // the address as it was given, for the check of Host
	Token       string   // "" asks for none
	Hosts       []string // names, beside those of the machine, that clients may use
	Ready       Ready
	// MaxBodyBytes bounds a body as it is sent; what it decompresses to is the
	// Poster's to bound. 0 for DefaultMaxBodyBytes.
	MaxBodyBytes int64
	ReadTimeout  time.Duration // without a byte of the body; 0 for DefaultReadTimeout
	WriteTimeout time.Duration // for a client to take what is written; 0 for DefaultWriteTimeout
}

// Ready is when a run that is on counts as degraded. A zero field sets no
// limit.
type Ready struct {
	MaxDepth int           `yaml:"max_depth"` // records waiting in any lane of any stage
	MaxAge   time.Duration `yaml:"max_age"`   // that the oldest batch of any of them waits
}

// Validate reports every mistake. Keys are relative to the section control.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, message string) {
		errs = append(errs, &pipeline.ConfigError{Key: key, Message: message})
	}
	if c.Commander == nil {
		bad("commander", "there is none; this is a bug in sluice")
	}
	if err := checkListen(c.Listen, c.Token); err != nil {
		bad("listen", err.Error())
	}
	if err := checkToken(c.Token); err != nil {
		bad("token", err.Error())
	}
	for _, h := range c.Hosts {
		if message := checkHost(h); message != "" {
			bad("hosts", message)
		}
	}
	if c.Ready.MaxDepth < 0 {
		bad("ready.max_depth", "it is negative; expected a number of records, or 0 for no limit")
	}
	if c.Ready.MaxAge < 0 {
		bad("ready.max_age", "it is negative; expected a duration, or 0 for no limit")
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.Listen == "" {
		c.Listen = DefaultListen
	}
	if c.MaxBodyBytes <= 0 {
		c.MaxBodyBytes = DefaultMaxBodyBytes
	}
	if c.ReadTimeout <= 0 {
		c.ReadTimeout = DefaultReadTimeout
	}
	if c.WriteTimeout <= 0 {
		c.WriteTimeout = DefaultWriteTimeout
	}
	return c
}
