package validate

import (
	"errors"
	"fmt"

	"sluice/pipeline"
)

// MaxDepthLimit is the deepest nesting that a configuration may allow: what
// checks a record recurses, and Go ends a process whose stack is used up.
const MaxDepthLimit = 10_000

// Config is what the stage checks.
type Config struct {
	Schema   string // path of the JSON Schema file; "" checks none
	MaxDepth int    // how deep a record may nest; 0 for pipeline.DefaultMaxDepth
}

// Validate reports every mistake that shows without opening a file. New finds
// those of the schema.
func (c Config) Validate() error {
	var errs []error
	if c.MaxDepth < 0 || c.MaxDepth > MaxDepthLimit {
		errs = append(errs, &pipeline.ConfigError{
			Key:     "max_depth",
			Message: fmt.Sprintf("%d; expected 1 to %d", c.MaxDepth, MaxDepthLimit),
		})
	}
	return errors.Join(errs...)
}
