package dedupe

import (
	"errors"
	"fmt"
	"time"

	"sluice/pipeline"
)

// OnDuplicate says what becomes of a duplicate.
type OnDuplicate string

// The ways to treat a duplicate.
const (
	OnDuplicateFilter OnDuplicate = "filter" // it is taken out and counted as filtered
	OnDuplicateDead   OnDuplicate = "dead"   // it is a dead letter, code duplicate
)

// Bounds of Config.Count.
const (
	DefaultCount = 100_000
	MaxCount     = 50_000_000
)

// Config says what makes a record a duplicate.
type Config struct {
	Key         []string      // paths of the fields that make the key together
	Count       int           // how many keys are remembered; 0 for DefaultCount
	Within      time.Duration // how long a key is remembered; 0 for as long as there is room
	OnDuplicate OnDuplicate   // "" for OnDuplicateFilter
}

// Validate reports every mistake as a *pipeline.ConfigError, joined.
func (c Config) Validate() error {
	_, err := c.compile()
	return err
}

func (c Config) compile() ([]pipeline.Path, error) {
	var paths []pipeline.Path
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, &pipeline.ConfigError{Key: key, Message: fmt.Sprintf(format, args...)})
	}
	if len(c.Key) == 0 {
		bad("key", "there is none; expected the paths of the fields that make a record the same, such as [id]")
	}
	for i, text := range c.Key {
		path, err := pipeline.ParsePath(text)
		if err != nil {
			bad(fmt.Sprintf("key[%d]", i), "%v", err)
		}
		paths = append(paths, path)
	}
	if c.Count < 0 || c.Count > MaxCount {
		bad("count", "%d; expected 1 to %d", c.Count, MaxCount)
	}
	if c.Within < 0 {
		bad("within", "%v; expected more than 0, such as 10m", c.Within)
	}
	switch c.OnDuplicate {
	case "", OnDuplicateFilter, OnDuplicateDead:
	default:
		bad("on_duplicate", "%q; expected filter or dead", string(c.OnDuplicate))
	}
	return paths, errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.Count == 0 {
		c.Count = DefaultCount
	}
	if c.OnDuplicate == "" {
		c.OnDuplicate = OnDuplicateFilter
	}
	return c
}

// Bytes is the memory that the window takes, all of it from the start.
func (c Config) Bytes() int64 { return windowBytes(c.withDefaults().Count) }
