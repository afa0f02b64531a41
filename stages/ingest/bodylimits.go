package ingest

import (
	"errors"
	"fmt"
	"time"

	"sluice/pipeline"
)

// Defaults of BodyLimits.
const (
	DefaultBodyBytes  = 256 << 20                  // decompressed
	DefaultBodyMemory = pipeline.DefaultBudget / 4 // over all bodies
	DefaultBodyIdle   = 10 * time.Second           // without a byte
)

// MaxBodyErrors is how many reasons of dead letters a post's answer names, and
// maxRefused how many lines it refused; beyond that a *BodyError says from
// which line on nothing was taken.
const (
	MaxBodyErrors = 100
	maxRefused    = 10_000
)

// BodyLimits bound what bodies may take. The zero value takes the defaults.
type BodyLimits struct {
	// MaxBytes bounds one body, decompressed.
	MaxBytes int64
	// Memory bounds what all bodies hold that the pipeline's budget does not
	// count yet: half for the windows of zstd, an eighth for lines that are
	// longer than a buffer, the rest for buffers. A body waits for its share
	// before it is read, in the order of the bodies of its lane. Each lane owns
	// a tenth of each part, and so do bodies whose lanes the rule decides; the
	// other half is common and goes to the most urgent first.
	Memory int64
	// Idle is how long a sender may send nothing before its body counts as cut
	// off, for bodies whose reads can be called off: one that stalls must not
	// keep the memory that others wait for.
	Idle time.Duration
}

// Validate reports every mistake at once, as *pipeline.ConfigError values.
func (l BodyLimits) Validate() error {
	var errs []error
	if l.MaxBytes < 0 {
		errs = append(errs, &pipeline.ConfigError{Key: "max_body_bytes",
			Message: fmt.Sprintf("%d; expected a number of bytes, or 0 for %d", l.MaxBytes, DefaultBodyBytes)})
	}
	if l.Memory < 0 {
		errs = append(errs, &pipeline.ConfigError{Key: "body_memory",
			Message: fmt.Sprintf("%d; expected a number of bytes, or 0 for %d", l.Memory, DefaultBodyMemory)})
	}
	if l.Idle < 0 {
		errs = append(errs, &pipeline.ConfigError{Key: "body_idle",
			Message: fmt.Sprintf("%v; expected a duration, or 0 for %v", l.Idle, DefaultBodyIdle)})
	}
	return errors.Join(errs...)
}

func (l BodyLimits) withDefaults() BodyLimits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultBodyBytes
	}
	if l.Memory <= 0 {
		l.Memory = DefaultBodyMemory
	}
	if l.Idle <= 0 {
		l.Idle = DefaultBodyIdle
	}
	return l
}
