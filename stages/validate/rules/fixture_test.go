package rules

import (
	"errors"
	"strings"
	"testing"
	"time"

	"sluice/pipeline"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func record(t testing.TB, lane pipeline.Lane, line string) *pipeline.Record {
	t.Helper()
	r := pipeline.NewBatch(lane, line).Record(0)
	if err := r.Index(pipeline.DefaultMaxDepth); err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return r
}

// say spells a verdict: "passes", or code, pointer and message.
func say(err *pipeline.RecordError) string {
	if err == nil {
		return "passes"
	}
	return string(err.Code) + " at " + err.Pointer + ": " + err.Message
}

// mistakes returns the keys of a configuration's mistakes.
func mistakes(err error) string {
	var keys []string
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			if c, ok := errors.AsType[*pipeline.ConfigError](e); ok {
				keys = append(keys, c.Key)
			}
		}
	}
	return strings.Join(keys, " ")
}
