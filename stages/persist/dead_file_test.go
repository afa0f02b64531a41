package persist

import (
	"errors"
	"slices"
	"strings"
	"syscall"
	"testing"

	"sluice/pipeline"
)

// Dead letters in a file beside a database: no row may be there whose dead
// batch mates are not.
func TestDeadLettersInAFileAreSyncedBeforeTheCommit(t *testing.T) {
	for _, operation := range []string{"open", "write", "sync"} {
		t.Run(operation+" fails", func(t *testing.T) {
			eachSink(t, func(f *fixture) {
				if f.cfg.DeadLetters == "" {
					return
				}
				o := f.open()
				batch := func() *pipeline.Batch { return f.encode(o, 0, `{"n":1}`, `not JSON`) }
				f.faults.Fail(operation, 1, syscall.EIO)
				if _, err := o.Sink().Write(f.t.Context(), group(batch())); !errors.Is(err, syscall.EIO) || !strings.Contains(err.Error(), "dead letters") {
					f.t.Errorf("got %v", err)
				}
				f.write(o, group(batch()))
				if !slices.Contains(f.faults.Log(), "sync "+f.path("dead.ndjson")) {
					f.t.Error("the file was not synced")
				}
				f.close(o)
				expectRows(f, 1)
				if len(f.deadLetters(o)) == 0 {
					f.t.Error("the dead letter is not there")
				}
			})
		})
	}
}
