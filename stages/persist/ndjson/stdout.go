package ndjson

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"sluice/stages/persist/disk"
)

// ExplainStdout adds to an error of writing to stdout what it means.
func ExplainStdout(err error) error {
	switch {
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return fmt.Errorf("stdout was closed by its reader before the end of the input: what it did not take is lost: %w", err)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("write stdout: %w; no progress is stored for stdout: it begins again at the start of the input", disk.Explain(err))
	}
	return fmt.Errorf("write stdout: %w", disk.Explain(err))
}
