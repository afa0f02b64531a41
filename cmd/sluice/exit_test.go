package main

import (
	"errors"
	"fmt"
	"testing"

	"sluice/cmd/sluice/internal/config"
	"sluice/pipeline"
)

func TestExitCodes(t *testing.T) {
	for name, tt := range map[string]struct {
		err  error
		want int
	}{
		"no error":                                {nil, 0},
		"any error":                               {errors.New("disk full"), 1},
		"another process owns the source":         {fmt.Errorf("x: %w", pipeline.ErrFenced), 1},
		"a mistake on the command line":           {&usageError{}, 2},
		"a mistake in the configuration":          {config.Problems{{Message: "x"}}, 2},
		"a drain that took too long":              {&leftError{3, fmt.Errorf("%w of 1s", pipeline.ErrDrainTimeout)}, 3},
		"a drain that took too long, then closed": {errors.Join(pipeline.ErrDrainTimeout, pipeline.ErrAbandoned), 3},
		"a second signal":                         {fmt.Errorf("%w: second signal", pipeline.ErrAborted), 3},
		"a source that was cut short":             {fmt.Errorf("read x: %w", pipeline.ErrSourceTruncated), 3},
		"a failure that left records":             {&leftError{3, errors.New("disk full")}, 1},
		"dead letters where none may be":          {deadError(1), 4},
		"a signal":                                {fmt.Errorf("x: %w", pipeline.ErrStopped), 5},
	} {
		t.Run(name, func(t *testing.T) {
			if got := exitCode(tt.err); got != tt.want {
				t.Errorf("%v leads to %d, want %d", tt.err, got, tt.want)
			}
		})
	}
}
