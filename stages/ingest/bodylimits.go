package ingest

import (
	"errors"
	"fmt"

	"sluice/pipeline"
)

// Defaults of BodyLimits.
const (
	DefaultBodyBytes  = 256 << 20                  // decompressed
	DefaultBodyMemory = pipeline.DefaultBudget / 4 // over all bodies
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
	// count yet: half for buffers, a quarter each for lines that are longer
	// than a buffer and for the windows of zstd. A body waits for its share
	// before it is read. Each lane owns a tenth of each part, bodies without a
	// lane too, and the other half is common, so that a flood of low keeps no
	// critical body out; whoever holds nothing is let in, however large.
	Memory int64
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
	return errors.Join(errs...)
}

func (l BodyLimits) withDefaults() BodyLimits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultBodyBytes
	}
	if l.Memory <= 0 {
		l.Memory = DefaultBodyMemory
	}
	return l
}
