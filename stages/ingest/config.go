package ingest

import (
	"errors"
	"fmt"

	"sluice/pipeline"
)

// MaxRecordBytesLimit is the most that Config.MaxRecordBytes may be.
const MaxRecordBytesLimit = 1 << 30

// Config says how an input is cut into records.
type Config struct {
	// MaxRecordBytes bounds a line without its line end; 0 for
	// pipeline.DefaultMaxRecordBytes. Of a longer line that many bytes are kept
	// and become a dead letter.
	MaxRecordBytes int
	// Rule chooses the lane of each record.
	Rule pipeline.LaneRule
	// Limit ends the input after that many lines that are not blank, over all
	// files; 0 for no limit. A limited source vouches for nothing: its intakes
	// have no identity, so no progress is stored.
	Limit int64
	// Warn takes a sentence for a person, without a line end; nil drops it.
	// Run calls it, and OpenFiles.
	Warn func(string)
}

// Validate reports every mistake at once, as *pipeline.ConfigError values with
// the keys of the section source.
func (c Config) Validate() error {
	var errs []error
	if c.MaxRecordBytes < 0 || c.MaxRecordBytes > MaxRecordBytesLimit {
		errs = append(errs, &pipeline.ConfigError{Key: "max_record_bytes",
			Message: fmt.Sprintf("%d; expected 1 to %d bytes", c.MaxRecordBytes, MaxRecordBytesLimit)})
	}
	if c.Limit < 0 {
		errs = append(errs, &pipeline.ConfigError{Key: "limit",
			Message: fmt.Sprintf("%d; expected a number of lines, or 0 for all", c.Limit)})
	}
	return errors.Join(errs...)
}

func (c Config) withDefaults() Config {
	if c.MaxRecordBytes <= 0 {
		c.MaxRecordBytes = pipeline.DefaultMaxRecordBytes
	}
	if c.Warn == nil {
		c.Warn = func(string) {}
	}
	return c
}
