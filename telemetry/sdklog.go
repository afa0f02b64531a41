package telemetry

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-logr/logr"
)

// sdkLog takes what the SDK logs by itself, which without it goes to standard
// error: mistakes in OTEL_* variables, each once, at the start. It implements
// logr.LogSink.
type sdkLog struct{ warner *warner }

// Init implements logr.LogSink.
func (sdkLog) Init(logr.RuntimeInfo) {}

// Enabled implements logr.LogSink: errors only.
func (sdkLog) Enabled(int) bool { return false }

// Info implements logr.LogSink.
func (sdkLog) Info(int, string, ...any) {}

// shown are the values that a message may tell. Others may be secrets: a header
// that could not be read, a URL with a password.
var shown = []any{"environment variable", "file"}

// Error implements logr.LogSink.
func (s sdkLog) Error(err error, message string, keysAndValues ...any) {
	var text strings.Builder
	text.WriteString(message)
	for kv := range slices.Chunk(keysAndValues, 2) {
		if len(kv) == 2 && slices.Contains(shown, kv[0]) {
			text.WriteString(fmt.Sprintf(" (%v %v)", kv[0], kv[1]))
		}
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	s.warner.say(fmt.Sprintf("OpenTelemetry: %s: %v", text.String(), err))
}

// WithValues implements logr.LogSink.
func (s sdkLog) WithValues(...any) logr.LogSink { return s }

// WithName implements logr.LogSink.
func (s sdkLog) WithName(string) logr.LogSink { return s }
